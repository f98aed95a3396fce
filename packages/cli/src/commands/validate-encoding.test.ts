import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ValidateEncoding } from '@spec-kitty/contracts/cli/validate-encoding'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const SPEC = `kitty-specs/${MISSION_SLUG}/spec.md`
const BAD = Buffer.from('# Spec \x93smart\x94 quotes \x96 dash, caf\xe9\n', 'latin1')
const GOOD = '# Spec "smart" quotes -- dash, café\n'

let w: World
beforeEach(() => {
  w = createWorld()
  addMission(w)
})
afterEach(() => w.cleanup())

const run = async (...words: string[]) => {
  const answer = await runCli(w, ['validate-encoding', ...words, '--json'])
  return { ...answer, result: answer.status < 2 ? answer.json : undefined }
}
const bytes = (path: string) => readFileSync(join(w.root, path))

it('has nothing against valid UTF-8, typography included', async () => {
  w.write(SPEC, '“smart” – 😀\n')
  const { status, result } = await run('--mission', MISSION_SLUG)
  expect(status).toBe(0)
  expect(v.parse(ValidateEncoding, result)).toMatchObject({ ok: true, files: [], missions: [MISSION_SLUG] })
  expect((await runCli(w, ['validate-encoding', '--all'])).stdout).toMatch(/documents, all fine/)
})

it('names file and line of other bytes and changes nothing', async () => {
  w.write(SPEC, Buffer.concat([BAD, BAD]))
  const { status, result } = await run('--mission', MISSION_SLUG)
  expect(status).toBe(1)
  expect(v.parse(ValidateEncoding, result).files).toMatchObject([
    { path: SPEC, status: 'needs_fix', backup: null },
  ])
  expect(bytes(SPEC).equals(Buffer.concat([BAD, BAD]))).toBe(true)
  const text = await runCli(w, ['validate-encoding', '--all'])
  expect(text.stdout).toContain(`not UTF-8 ${SPEC}\n  line 1: 0x93 is not UTF-8`)
  expect(text.stdout).toContain('… and')
})

it('rewrites them with --fix and keeps the old bytes, never over an older backup', async () => {
  w.write(SPEC, BAD)
  expect(await run('--all', '--fix')).toMatchObject({ status: 0, result: { ok: true, fixed: true } })
  expect(w.read(SPEC)).toBe(GOOD)
  expect(bytes(`${SPEC}.bak`).equals(BAD)).toBe(true)
  expect(await run('--all')).toMatchObject({ status: 0 })
  w.write(SPEC, Buffer.from('caf\xe9', 'latin1'))
  expect((await runCli(w, ['validate-encoding', '--all', '--fix'])).stdout).toContain(
    `(before: ${SPEC}.bak2)`,
  )
  expect(bytes(`${SPEC}.bak`).equals(BAD)).toBe(true)
  expect(w.read(SPEC)).toBe('café')
})

it('leaves no backup with --no-backup', async () => {
  w.write(SPEC, BAD)
  await run('--all', '--fix', '--no-backup')
  expect([w.read(SPEC), w.exists(`${SPEC}.bak`)]).toEqual([GOOD, false])
})

it('keeps the UTF-8 in a file that mixes both', async () => {
  w.write(
    SPEC,
    Buffer.concat([Buffer.from('\ufeffnaïve “a”\n€ '), Buffer.from([0x80, 0xe2, 0x82, 0x0a, 0xff])]),
  )
  await run('--all', '--fix')
  expect(w.read(SPEC)).toBe("\ufeffnaïve “a”\n€ €â'\nÿ")
})

it('replaces valid typography with --ascii', async () => {
  w.write(SPEC, 'one\n“two” – 20°\n')
  const { result } = await run('--mission', MISSION_SLUG, '--fix', '--ascii')
  expect(v.parse(ValidateEncoding, result).files[0]?.problems).toContainEqual({
    line: 2,
    message: 'U+2013 becomes "--"',
  })
  expect(w.read(SPEC)).toBe('one\n"two" -- 20 degrees\n')
})

it.each([[[]], [['--mission', 'nope']]])('refuses %j with exit 1', async words => {
  expect(await run(...words)).toMatchObject({ status: 1, result: { code: 'invalid_input' } })
})
