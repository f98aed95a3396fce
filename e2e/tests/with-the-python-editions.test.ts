/** docs/how-to/with-the-python-editions.md: its commands, typed with the program of either side first on PATH. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { Chain } from '../support/chain.ts'
import { type Edition, missing, PROGRAMS } from '../support/editions.ts'
import { readCommands, root } from '../support/quick-start.ts'

const PAGE = 'docs/how-to/with-the-python-editions.md'
const HAND_OVER = readCommands(PAGE, '## Handing a mission over')
const WAY_BACK = readCommands(PAGE, '## The way back')

/** The lines as a person types them, one shell for all. */
function type(chain: Chain, edition: Edition, lines: readonly string[]): void {
  const { repository } = chain
  const bin = mkdtempSync(join(repository.dir, 'bin-'))
  symlinkSync(PROGRAMS[edition] ?? '', join(bin, 'spec-kitty'))
  const script = `set -e\n${lines.join('\n').replaceAll('--mission M', `--mission ${chain.slug}`)}\n`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script], {
    cwd: repository.root,
    env: { ...repository.env, PATH: `${bin}:${dirname(process.execPath)}:${repository.env.PATH}` },
    encoding: 'utf8',
  })
  expect(status, `${edition}:\n${script}\n${stdout}\n${stderr}`).toBe(0)
}

test.for<[Edition, string]>([
  ['3.2.7', 'merge'],
  ['4.0', 'consolidate'],
])(
  'a mission on main goes back to %s, whose word is %s',
  { timeout: 900_000 },
  ([edition, word], context) => {
    // It is not on every machine: the reason names how to get it.
    const reason = missing(edition)
    if (reason !== undefined) context.skip(reason)
    const chain = new Chain({ target: 'main' })
    try {
      for (const stage of ['plan', 'implement', 'review', 'accept'] as const) chain.stage(stage, 'ours', [])
      type(chain, 'ours', HAND_OVER)
      type(chain, edition, HAND_OVER)
      type(
        chain,
        edition,
        WAY_BACK.map(line => line.replace('spec-kitty merge', `spec-kitty ${word}`)),
      )
      expect(() => chain.requireLanded(edition)).not.toThrow()
    } finally {
      chain.cleanup()
    }
  },
)

test('what the page tells to type here is understood, and done', { timeout: 120_000 }, () => {
  const named = readFileSync(join(root, PAGE), 'utf8').matchAll(/`(spec-kitty [^`]* --mission M[^`]*)`/g)
  const lines = [...named].map(([, line = '']) => line)
  expect(lines).toHaveLength(3)
  const chain = new Chain()
  try {
    chain.stage('plan', 'ours', [])
    chain.repository.write('report.md', '# Analysis\n\nAll fine.\n')
    type(chain, 'ours', [...lines, ...HAND_OVER])
    for (const stage of ['implement', 'review', 'accept'] as const) chain.stage(stage, 'ours', [])
    type(chain, 'ours', WAY_BACK)
    expect(() => chain.requireLanded('ours')).not.toThrow()
  } finally {
    chain.cleanup()
  }
})
