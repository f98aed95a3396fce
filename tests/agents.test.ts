/** docs/agents.md has a row for every agent, and it says what the table in code says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compareCodePoints } from '../packages/contracts/src/json.ts'
import { AGENTS } from '../packages/core/src/project/agents.ts'
import { root } from './source.ts'

it('docs/agents.md agrees with the table of agents', () => {
  const rows = readFileSync(join(root, 'docs/agents.md'), 'utf8').split('\n')
  const keys = rows.flatMap(row => /^\| `([\w-]+)` \|/.exec(row)?.[1] ?? [])
  expect(keys.toSorted(compareCodePoints)).toEqual(AGENTS.map(agent => agent.key).toSorted(compareCodePoints))
  for (const agent of AGENTS) {
    const row = rows.find(line => line.startsWith(`| \`${agent.key}\` |`)) ?? ''
    if (agent.format !== 'skill') expect(row, agent.key).toContain(`\`${agent.commands}/`)
    expect(row, agent.key).toContain(
      `| ${agent.placeholder === undefined ? 'in words' : `\`${agent.placeholder}\``} |`,
    )
    expect(row, agent.key).toContain(`| ${agent.skills === undefined ? 'none' : `\`${agent.skills}\``} |`)
    expect(row, agent.key).toContain(`\`${agent.orientation}\``)
  }
})
