/** Scripts that take long say what they would do, and do not begin by a slip of the hand. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './source.ts'

const SCRIPTS = [
  'fuzz',
  'bench',
  'compare',
  'interop',
  'walk',
  'orchestrator',
  'mutate',
  'pack:check',
  'measure-server',
]

it.each(SCRIPTS)('npm run %s -- --help', name => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [program = '', ...words] = String(scripts[name]).split(' ')
  const run = (word: string) =>
    spawnSync(program === 'node' ? process.execPath : program, [...words, word], {
      cwd: root,
      encoding: 'utf8',
    })
  const help = run('--help')
  expect([help.status, help.stderr]).toEqual([0, ''])
  expect(help.stdout).toContain(name)
  expect(help.stdout.split('\n').length).toBeLessThan(14)
  const refused = run('--nope')
  expect([refused.status, refused.stdout]).toEqual([2, ''])
  expect(refused.stderr).toContain("'--nope'")
})
