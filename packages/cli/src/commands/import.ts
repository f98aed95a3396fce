import { Import } from '@spec-kitty/contracts/cli/import'
import { importSpecifications } from '@spec-kitty/core/import/import'
import { autoCommitFlag, choice, defineCommand, optionalArg, text, toggle } from '../command.ts'
import type { Style } from '../style.ts'

export const command = defineCommand({
  description:
    'Makes missions of the features of spec-kit (specs/) or the changes of OpenSpec (openspec/changes/). The source is only read; what became of every piece is printed; a second run changes nothing.',
  examples: [
    'spec-kitty import --dry-run',
    'spec-kitty import specs/004-photo-albums',
    'spec-kitty import ../shop --from openspec',
  ],
  args: { path: optionalArg('a project, or one feature or change of it (default: here)') },
  flags: {
    from: choice(['auto', 'spec-kit', 'openspec'], 'the tool (default: what is found)'),
    oneWp: toggle('one work package instead of one for each section'),
    parallel: toggle('OpenSpec: sections do not wait for each other'),
    all: toggle('OpenSpec: archived changes too'),
    allowEmpty: toggle('also what has no requirements'),
    homeBranch: text('branch for the missions (made when new); they land on the target by pull request', {
      value: 'BRANCH',
    }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: Import,
  run: (ports, { path, from, oneWp, parallel, all, allowEmpty, homeBranch, autoCommit }) =>
    importSpecifications(ports, {
      path,
      from: from ?? 'auto',
      oneWp: oneWp === true,
      parallel: parallel === true,
      all: all === true,
      allowEmpty: allowEmpty === true,
      homeBranch,
      autoCommit,
    }),
  text: (result, style) =>
    [
      ...result.missions.map(missionLine),
      ...(result.items.length === 0 ? [] : ['', ...table(result, style)]),
      ...(result.warnings.length === 0 ? [] : ['', ...result.warnings.map(text => `Note: ${text}`)]),
      ...(result.next.length === 0 ? [] : ['', 'Next:', ...result.next.map(step => `  ${step}`)]),
    ].join('\n'),
})

const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`

function missionLine(mission: Import['missions'][number]): string {
  if (mission.already) return `${mission.source} is mission ${mission.mission_slug} already: nothing to do.`
  const parts = [
    many(mission.work_packages, 'work package'),
    many(mission.tasks, 'task'),
    many(mission.requirements, 'requirement'),
    many(mission.decisions, 'open decision'),
  ]
  return `${mission.source} became mission ${mission.mission_slug}: ${parts.join(', ')}.`
}

/** What becomes what, and what does not. */
function table({ items }: Import, style: Style): readonly string[] {
  const rows = items.map(({ source, line, what, became, note }) => {
    const place = line === null ? source : `${source}:${line}`
    const end = became ?? 'not taken over'
    return [place, what, note === undefined ? end : `${end} (${note})`]
  })
  const width = (column: number): number => Math.max(...rows.map(row => row[column]?.length ?? 0))
  const [first, second] = [Math.min(width(0), 32), Math.min(width(1), 60)]
  return [
    style.bold(`${'Source'.padEnd(first)}  ${'What'.padEnd(second)}  Became`),
    ...rows.map(
      ([place = '', what = '', end = '']) => `${place.padEnd(first)}  ${what.padEnd(second)}  ${end}`,
    ),
  ]
}
