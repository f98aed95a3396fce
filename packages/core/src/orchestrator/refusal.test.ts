import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { describe, expect, it } from 'vitest'
import { ApiRefusal, refusalOf } from './refusal.ts'

describe('refusalOf', () => {
  it('keeps the words of the contract', () => {
    const refusal = new ApiRefusal('PREFLIGHT_FAILED', 'no', { errors: ['no'] })
    expect(refusalOf(refusal)).toEqual({
      error_code: 'PREFLIGHT_FAILED',
      data: { errors: ['no'], message: 'no' },
    })
  })

  it('translates our codes, and spells the others in capitals', () => {
    const of = (code: 'guard_failed' | 'lock_busy') => refusalOf(new KittyError(code, 'm', { hint: sh`h` }))
    expect(of('guard_failed')).toEqual({
      error_code: 'TRANSITION_REJECTED',
      data: { message: 'm', hint: 'h' },
    })
    expect(of('lock_busy').error_code).toBe('LOCK_BUSY')
  })

  it('does not let a word of 3.2.0 hide the message', () => {
    const error = new KittyError('mission_not_found', 'No mission', { data: { error: 'mission_not_found' } })
    expect(refusalOf(error)).toEqual({ error_code: 'MISSION_NOT_FOUND', data: { message: 'No mission' } })
  })

  it('tells one line of what nobody expected', () => {
    expect(refusalOf(new TypeError('x is no function\n  at y'))).toEqual({
      error_code: 'INTERNAL',
      data: { message: 'x is no function' },
    })
    expect(refusalOf('odd').data.message).toBe('odd')
  })
})
