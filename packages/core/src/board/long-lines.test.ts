/** Every parser of text that a repository brings takes time in proportion to it: no line can hold a command up. */
import { expect, it } from 'vitest'
import { readLog } from '../repo/log/log.ts'
import { readPlain } from '../repo/log/plain.ts'
import { isSubstantiveSpec, planProblem } from '../repo/mission/substance.ts'
import { parseDependencies } from '../repo/tasks/dependencies.ts'
import { parseTasks, printTasks } from '../repo/tasks/document.ts'
import { readIds } from '../repo/tasks/id-list.ts'
import { dependencyList, idList, wordList } from '../repo/tasks/lists.ts'
import { requirementIds, requirementProblem, statedRequirements } from '../repo/tasks/requirements.ts'
import { readInline } from '../repo/tasks/rows.ts'
import { openSubtasks, subtasksByWp } from '../repo/tasks/subtasks.ts'
import { findRow, setRowState, tableRows } from '../repo/tasks/table.ts'
import { readSimpleYaml, scalarPattern, scanScalars } from '../text/simple-yaml.ts'
import { countSubtasks } from './subtasks.ts'

const PIECES = [
  ' ',
  '\t',
  '`',
  '#',
  '|',
  '-',
  '*',
  '>',
  '[',
  ']',
  '<',
  '<!--',
  '\u00a0',
  '\u2028',
  '\r',
  ' *',
  '- ',
  '| ',
]
const LENGTH = 100_000
const LINES = [
  ...PIECES.map(piece => piece.repeat(LENGTH / piece.length)),
  ...PIECES.map(piece => `${piece.repeat(LENGTH / piece.length)}x`),
  'WP01, '.repeat(LENGTH / 6),
  'WP01 '.repeat(LENGTH / 5),
  '**a** '.repeat(LENGTH / 6),
  '[x](y) '.repeat(LENGTH / 7),
  'Subtasks: T001, '.repeat(LENGTH / 16),
  '- [ ] T001 '.repeat(LENGTH / 11),
]
const AROUND = [
  (line: string) => `## WP01\n\n${line}\n`,
  (line: string) => `## WP01\n- [ ] T001 ${line}x\n`,
  (line: string) => `## WP01 a${line}#x\n**Dependencies**: ${line}\n`,
  (line: string) => `## WP01\n| ID | Status |\n|--|--|\n| T001 | ${line} x |\n`,
  (line: string) =>
    `## Technical Context\n**Language**: ${line}x\n- **FR-001**: ${line}\nRequirements${line}x\n`,
]

/** Milliseconds of processor time; the clock of the wall would count what other processes take. */
function cost(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  document: text => printTasks(parseTasks(text)),
  dependencies: text => parseDependencies(parseTasks(text)),
  requirements: text => [
    statedRequirements(parseTasks(text)),
    requirementIds(text),
    requirementProblem(text, new Map()),
  ],
  'open subtasks': text => openSubtasks(text, { id: 'WP01', subtasks: [] }, new Map()),
  counts: text => countSubtasks(subtasksByWp(text, new Map()), new Map()),
  inline: text => text.split('\n').map(line => readInline(line, 'T999')),
  ids: text => readIds(text),
  lists: text => [dependencyList({ dependencies: text }), idList([text]), wordList(text)],
  table: text => {
    const rows = tableRows(parseTasks(text))
    const row = findRow(rows, 'T001')
    return [findRow(rows, 'WP01'), row === undefined ? undefined : setRowState(row, 'done')]
  },
  specification: text => isSubstantiveSpec(text),
  plan: text => planProblem(text),
  'simple yaml': text => [readSimpleYaml(text), readSimpleYaml(`a: ${text}`), readSimpleYaml(`a: [${text}]`)],
  scalars: text => scanScalars(`title: ${text}`, scalarPattern(['title'])),
  'plain rows': text =>
    text.split('\n').map(line => readPlain(`{"actor": "${line}", "at": "${line}", "event_id": "${line}"`)),
  log: text => {
    try {
      return readLog(text)
    } catch {
      return undefined
    }
  },
}

it.each(Object.entries(PARSERS))(
  '%s',
  (_, parse) => {
    let slowest = { text: '', ms: 0 }
    for (const line of LINES) {
      for (const around of AROUND) {
        const text = around(line)
        const ms = cost(() => parse(text))
        if (ms > slowest.ms) slowest = { text: text.slice(0, 60), ms }
      }
    }
    // Linear parsers need some milliseconds for such a line, quadratic ones many seconds.
    expect(slowest.ms < 700 ? '' : JSON.stringify(slowest)).toBe('')
  },
  120_000,
)
