/** Workflows: every action by the hash of a commit, nothing that needs a shell of one system, no token that can write by default. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './source.ts'

const folder = join(root, '.github/workflows')
describe.each(readdirSync(folder))('%s', name => {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n')

  it('pins every action by hash and says its version', () => {
    const uses = lines.filter(line => line.includes('uses:'))
    expect(uses.length).toBeGreaterThan(0)
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('gives its token no more than reading by default, and keeps it out of the checkout', () => {
    expect(lines.slice(lines.indexOf('permissions:'))[1]).toBe('  contents: read')
    const count = (text: string) => lines.filter(line => line.includes(text)).length
    expect(count('persist-credentials: false')).toBe(count('actions/checkout@'))
  })

  it('runs programs, no shell scripts', () => {
    expect(lines.filter(line => /run: \||shell:|&&|\.sh\b/.test(line))).toEqual([])
  })
})

it('a release takes the lines of the changesets and what waited under Unreleased', async () => {
  const { withRelease } = await import(join(root, 'scripts/version.mjs'))
  const before = '# Changelog\n\n## Unreleased\n\n- old line\n\n## 0.0.9\n\n- past\n'
  expect(withRelease(before, '0.1.0', '- new line\n')).toBe(
    '# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- new line\n- old line\n\n## 0.0.9\n\n- past\n',
  )
})
