/**
 * `npm run bench [-- --rounds N] [-- --only WORD]`: what the program costs, as ratios to `node -e 0` measured in
 * the same interleaved run, and whether each budget holds. Exit 1 when one does not.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStage, median } from './bench/measure.mjs'
import { makeMission, SLUG } from './bench/mission.mjs'
import { benchSync } from './bench/sync.mjs'
import { number, readOptions } from './options.mjs'
import { root, run } from './workspace.mjs'

const node = process.execPath
const program = (...words) => [node, join(root, 'bin/spec-kitty'), ...words]
const { values } = readOptions(import.meta.url, {
  rounds: { type: 'string', default: '9' },
  only: { type: 'string', default: '' },
})
const rounds = number('rounds', values.rounds)
const PARSE = `for (const l of require('fs').readFileSync('kitty-specs/${SLUG}/status.events.jsonl','utf8').split('\\n')) if (l) JSON.parse(l)`

const BY_HAND = `for b in $(git for-each-ref --format='%(refname:short)' 'refs/heads/kitty/*-lane-*'); do git merge -q --squash $b && git commit -qm $b; done`

/** What git alone takes for the commit of a transition. */
const COMMIT = `echo '{}' >> kitty-specs/${SLUG}/status.events.jsonl && git add -A && git commit -qm move`

/** name, command, fixture (wps, events, …), what must hold. */
function cases(directory) {
  const board = (wps, events, limits = {}) => ({
    name: `board ${wps} WPs × ${events} events`,
    command: program('agent', 'tasks', 'status', '--json'),
    fixture: { wps, events },
    limits: { git: 5, ...(events <= 10_000 ? { memory: 80 } : {}), ...limits },
  })
  const move = program(
    'agent',
    'tasks',
    'move-task',
    'WP01',
    '--to',
    'claimed',
    '--agent',
    'claude',
    '--json',
  )
  const list = [
    { name: '--version', command: program('--version'), limits: { ratio: 1.2, git: 0 } },
    { name: '--help', command: program('--help'), limits: { git: 0 } },
    board(10, 1000),
    board(20, 1000, { ratio: 1.75 }),
    board(100, 1000),
    board(100, 10_000),
    board(1000, 10_000, { ratio: 5, times: [3, 'board 100 WPs × 10000 events'] }),
    {
      name: 'parse 100000 lines (plain Node)',
      command: [node, '-e', PARSE],
      fixture: { wps: 100, events: 100_000 },
      limits: {},
    },
    board(100, 100_000, { times: [3, 'parse 100000 lines (plain Node)'] }),
    ...[['session-start'], ['next', '--agent', 'claude', '--json']].map(words => ({
      name: `${words[0]}, 1000 finished missions`,
      command: program(...words),
      fixture: { wps: 5, events: 100, lanes: 0, files: 0, finished: 1000 },
      limits: { ratio: 4, git: 0 },
    })),
    {
      name: 'transition, 20 WPs × 1000 events',
      command: move,
      fixture: { wps: 20, events: 1000 },
      fresh: true,
      limits: { ratio: 3, git: 8 },
    },
    {
      name: 'git add and git commit by hand, 1000 events',
      command: ['sh', '-c', COMMIT],
      fixture: { wps: 20, events: 1000 },
      fresh: true,
      limits: {},
    },
    {
      name: 'merge dry run, 20 WPs in 10 lanes, 5000 files',
      command: program('merge', '--dry-run', '--json'),
      fixture: { wps: 20, events: 1000, lanes: 10, files: 5000 },
      limits: { ratio: 2.9, git: 5 },
    },
    {
      name: 'git merge --squash by hand, 30 lanes',
      command: ['sh', '-c', BY_HAND],
      fixture: { wps: 30, events: 300, lanes: 30 },
      fresh: true,
      limits: {},
    },
    {
      name: 'merge, 30 lanes',
      command: program('merge', '--json'),
      fixture: { wps: 30, events: 300, lanes: 30 },
      fresh: true,
      limits: { wallTimes: [2, 'git merge --squash by hand, 30 lanes'] },
    },
  ]
  return list.map(item => ({
    ...item,
    cwd: !('fixture' in item) ? directory : join(directory, Object.values(item.fixture).join('-')),
  }))
}

const show = (value, digits = 1) => (Number.isNaN(value) ? '-' : value.toFixed(digits))

function verdicts(item, results) {
  const mine = results.get(item.name)
  const out = []
  const judge = (value, limit, what) =>
    out.push({ held: value <= limit, text: `${item.name}: ${show(value, 2)} of at most ${limit} ${what}` })
  const apart =
    mine.git > 0 ? ` (its own process ${show(mine.own, 2)}, git ${show(mine.ratio - mine.own, 2)})` : ''
  if (item.limits.ratio !== undefined) judge(mine.ratio, item.limits.ratio, `× CPU of node -e 0${apart}`)
  if (item.limits.git !== undefined) judge(mine.git, item.limits.git, 'git processes')
  if (item.limits.memory !== undefined) judge(mine.memory, item.limits.memory, 'MiB')
  const [most, yardstick] = item.limits.wallTimes ?? []
  if (most !== undefined && results.has(yardstick))
    judge(mine.wall / results.get(yardstick).wall, most, `× wall time of ${yardstick}`)
  const [factor, other] = item.limits.times ?? []
  if (factor !== undefined && results.has(other))
    judge(mine.cpu / results.get(other).cpu, factor, `× ${other}`)
  return out
}

function measure(stage, list, rounds) {
  const yardstick = { name: 'node -e 0', command: [node, '-e', '0'], cwd: tmpdir() }
  const samples = new Map([yardstick, ...list].map(item => [item.name, []]))
  for (const item of list) stage.once(item)
  for (let round = 0; round < rounds; round++) {
    for (const item of list) {
      for (const one of [yardstick, item]) samples.get(one.name).push(stage.once(one))
    }
  }
  const base = median(samples.get(yardstick.name).map(sample => sample.cpu))
  const baseWall = median(samples.get(yardstick.name).map(sample => sample.wall))
  return new Map(
    [yardstick, ...list].map(item => {
      const cpu = median(samples.get(item.name).map(sample => sample.cpu))
      const wall = median(samples.get(item.name).map(sample => sample.wall))
      const looks = Array.from({ length: 5 }, () => stage.lookAt(item))
      const [memory, self] = ['memory', 'cpu'].map(key => median(looks.map(look => look[key])))
      const git = stage.gitProcessesOf(item)
      const ratios = { ratio: cpu / base, own: self / base, wallRatio: wall / baseWall }
      return [item.name, { cpu, wall, ...ratios, memory, git }]
    }),
  )
}

async function main() {
  const built = await run(node, ['scripts/build.mjs'], { show: true })
  if (built.status !== 0) return built.status
  const scratch = mkdtempSync(join(tmpdir(), 'spec-kitty-bench-'))
  try {
    const stage = createStage(scratch)
    const list = cases(scratch).filter(item => item.name.includes(values.only))
    const made = new Set()
    for (const item of list) {
      if (item.fixture === undefined || made.has(item.cwd)) continue
      made.add(item.cwd)
      makeMission(item.cwd, { ...item.fixture, env: stage.env })
    }
    const results = measure(stage, list, rounds)
    console.log(
      `${'case'.padEnd(48)} ${['cpu ms', '× node', 'own ×', 'wall ms', '× node', 'MiB', 'git'].map(title => title.padStart(8)).join('')}`,
    )
    for (const [name, { cpu, ratio, own, wall, wallRatio, memory, git }] of results) {
      const row = [
        show(cpu),
        show(ratio, 2),
        show(own, 2),
        show(wall),
        show(wallRatio, 2),
        show(memory, 0),
        String(git),
      ]
      console.log(`${name.padEnd(48)} ${row.map(cell => cell.padStart(8)).join('')}`)
    }
    const judged = list.flatMap(item => verdicts(item, results))
    if ('sync'.includes(values.only)) judged.push(...(await benchSync(stage, scratch, program, rounds)))
    for (const { held, text } of judged) console.log(`${held ? 'ok  ' : 'OVER'} ${text}`)
    return judged.every(({ held }) => held) ? 0 : 1
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

process.exitCode = await main()
