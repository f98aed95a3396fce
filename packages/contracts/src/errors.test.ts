import { expect, test } from 'vitest'
import { ERROR_CODES, KittyError } from './errors.ts'
import { sh } from './sh.ts'

test('the document of a refusal is error, code, hint and what the command adds', () => {
  const error = new KittyError('lock_busy', 'Busy', { hint: sh`Wait`, data: { pid: 7 } })
  expect(error.toJson()).toEqual({ error: 'Busy', code: 'lock_busy', hint: 'Wait', pid: 7 })
  expect(error.status).toBe(1)
})

test('a code word of 3.2.0 may stand in `error`', () => {
  const error = new KittyError('mission_not_found', 'No mission', { data: { error: 'mission_not_found' } })
  expect(error.toJson()).toEqual({ error: 'mission_not_found', code: 'mission_not_found' })
  expect(error.status).toBe(2)
})

test('every code has a status that scripts know', () => {
  expect(new Set(Object.values(ERROR_CODES))).toEqual(new Set([1, 2, 4, 5, 130]))
})
