/** The guided tour with the built program. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { root } from '../support/quick-start.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-e2e-tour-')))
afterAll(() => rmSync(place, { recursive: true, force: true }))

function tour(...words: string[]) {
  const env = { PATH: process.env.PATH ?? '', HOME: join(place, 'nobody'), TMPDIR: place, COLUMNS: '60' }
  return spawnSync(process.execPath, [join(root, 'bin/spec-kitty'), 'tour', ...words], {
    env,
    cwd: place,
    encoding: 'utf8',
  })
}

describe('the guided tour', () => {
  it('goes from an empty repository to the merge and throws it away', () => {
    const { status, stdout, stderr } = tour()
    expect(`${stderr}${status}`, stdout).toBe('0')
    expect(stdout).toContain('$ spec-kitty merge\n')
    expect(stdout).toContain('Hello, world!')
    expect(stdout.replace(/\s+/g, ' ')).toContain('two work packages, one merge')
    expect(readdirSync(place)).toEqual([])
    // What is to be pasted stays whole; nothing else is wider than the terminal, and nothing is broken in a word.
    const wide = stdout.split('\n').filter(line => [...line].length > 60)
    expect(wide.filter(line => !/^ {3}\$ /.test(line))).toEqual([])
  }, 120_000)

  it('answers one document and keeps the repository where it was told to', () => {
    const { status, stdout } = tour('--dir', 'kept', '--json')
    const answer = JSON.parse(stdout)
    expect([status, answer.result, answer.repository]).toEqual([0, 'success', join(place, 'kept/hello')])
    expect(existsSync(join(place, 'kept/hello/src/hello.mjs'))).toBe(true)
  }, 120_000)
})
