import { Doctor } from '@spec-kitty/contracts/cli/doctor'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { AREAS, type Area, doctor } from '@spec-kitty/core/doctor/doctor'
import { autoCommitFlag, defineCommand, missionFlag, optionalArg, toggle } from '../command.ts'
import { PROGRAM } from '../program.ts'
import { describeFindings } from './doctor/describe.ts'

/** Names of the Python edition for parts of this command. */
const OLD_NAMES: Readonly<Record<string, readonly Area[]>> = {
  'command-files': ['files'],
  skills: ['files'],
  'tool-surfaces': ['files'],
  coordination: ['git', 'missions'],
  'sparse-checkout': ['worktrees'],
}

export const command = defineCommand({
  description:
    'Looks at everything that can be wrong: git, configuration, the files of agents, identities and state of missions, worktrees, sync. Each finding says what to do; --fix does what can be done without losing anything. Exit status 1 when there is an error.',
  examples: ['spec-kitty doctor', 'spec-kitty doctor missions --mission demo', 'spec-kitty doctor --fix'],
  args: { area: optionalArg(`one of ${AREAS.join(', ')}; left out: all`) },
  flags: {
    mission: missionFlag,
    fix: toggle('mend what can be mended'),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: Doctor,
  run: (ports, { area, ...input }) => doctor(ports, { ...input, areas: areasOf(area), program: PROGRAM }),
  status: result => (result.ok ? 0 : 1),
  indent: true,
  text: (result, style) => {
    const { error, warning, info } = result.counts
    const head = `${error} errors, ${warning} warnings, ${info} notes; ${result.missions} missions looked at`
    return [
      ...result.fixed.map(line => `${style.green('fixed')} ${line}`),
      ...result.not_fixed.map(line => `${style.red('not fixed')} ${line}`),
      ...describeFindings(result.findings, style),
      result.findings.length === 0 ? style.green('Everything is in order.') : style.bold(head),
    ].join('\n')
  },
})

function areasOf(word: string | undefined): readonly Area[] | undefined {
  if (word === undefined) return undefined
  const area = AREAS.find(name => name === word)
  const areas = area === undefined ? OLD_NAMES[word] : [area]
  if (areas !== undefined) return areas
  throw new KittyError('usage', `doctor has no part '${word}'`, { hint: sh`There are: ${listed(AREAS)}` })
}
