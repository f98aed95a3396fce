/** What people want to know of a board beside its lanes: why a package stands where it stands, and what comes next. */
import type { BoardRow, TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { openDependencies } from '../repo/lanes/dependencies.ts'
import { actorName } from '../repo/log/actor.ts'
import { type LogText, scanLog } from '../repo/log/log.ts'
import { laneOf, type Reduction, stateOf } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { rejectedRounds } from '../repo/review/rounds.ts'
import { isMerged, textOf } from '../repo/summary.ts'
import { readPackageFronts } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'

interface Log {
  readonly reduction: Reduction
  readonly text: LogText
}

/** The board with the words. */
export async function tellPeople(
  ports: Ports,
  mission: Mission,
  board: TasksStatus,
  log: Log,
): Promise<TasksStatus> {
  const waits = await waitsOf(ports, mission, board, log)
  const reasons = reasonsOf(board, log)
  const open = new Set(board.work_packages.filter(({ lane }) => OPEN.has(lane)).map(({ id }) => id))
  const rounds = await rejectedRounds(ports, mission, log.reduction, id => open.has(id))
  const rows = board.work_packages.map((row): BoardRow => {
    const before = waits.get(row.id) ?? []
    const because = reasons.get(row.id)
    const back = rounds.get(row.id) ?? 0
    return {
      ...row,
      ...(before.length === 0 ? {} : { waits_for: [...before] }),
      ...(because === undefined ? {} : { blocked_because: because }),
      ...(row.lane === 'approved'
        ? { approved_by: actorName(stateOf(log.reduction, row.id)?.actor ?? null) }
        : {}),
      ...(back === 0 ? {} : { sent_back: back }),
    }
  })
  // A package whose file cannot be read waits for somebody to mend it.
  const next = nextStep(mission, board, id => waits.get(id)?.length === 0)
  const title = textOf(mission.meta.friendly_name)
  return {
    ...board,
    work_packages: rows,
    ...(title === null ? {} : { title }),
    ...(next === undefined ? {} : { next_step: next }),
  }
}

const OPEN: ReadonlySet<string> = new Set([
  'planned',
  'claimed',
  'in_progress',
  'for_review',
  'in_review',
  'blocked',
])

/** Of packages nobody has begun: those before them that are neither approved nor done. */
async function waitsOf(
  ports: Ports,
  mission: Mission,
  board: TasksStatus,
  { reduction }: Log,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const planned = new Set(board.work_packages.filter(({ lane }) => lane === 'planned').map(({ id }) => id))
  if (planned.size === 0) return new Map()
  const { found } = await readPackageFronts(ports, mission)
  return new Map(
    found
      .filter(({ id }) => planned.has(id))
      .map(({ id, dependencies }) => [
        id,
        openDependencies(dependencies, other => laneOf(reduction, other)).map(open => open.id),
      ]),
  )
}

/** What was said when a package was put aside. */
function reasonsOf(board: TasksStatus, { text }: Log): ReadonlyMap<string, string> {
  const blocked = new Set(board.work_packages.filter(({ lane }) => lane === 'blocked').map(({ id }) => id))
  const reasons = new Map<string, string>()
  if (blocked.size === 0) return reasons
  for (const { kind, value } of scanLog(text)) {
    if (kind !== 'transition' || !blocked.has(value.wp_id) || value.to_lane !== 'blocked') continue
    const { reason } = value
    if (typeof reason === 'string' && reason.trim() !== '') reasons.set(value.wp_id, reason.trim())
    else reasons.delete(value.wp_id)
  }
  return reasons
}

/** The next command of whoever looks at the board; undefined when there is nothing to do. */
function nextStep(
  mission: Mission,
  { landing, work_packages: rows }: TasksStatus,
  isReady: (id: string) => boolean,
): Remedy | undefined {
  const { slug } = mission
  if (textOf(mission.meta.closed_at) !== null || landing !== null) return undefined
  const first = (test: (row: BoardRow) => boolean) => rows.find(test)?.id
  const review = first(row => row.lane === 'for_review')
  if (review !== undefined) return sh`spec-kitty agent action review ${review} --agent NAME --mission ${slug}`
  const ready = first(row => row.lane === 'planned' && isReady(row.id))
  if (ready !== undefined) return sh`spec-kitty start ${ready} --agent NAME --mission ${slug}`
  if (rows.some(row => row.lane === 'genesis')) return undefined
  if (rows.some(row => OPEN.has(row.lane))) return sh`spec-kitty next --agent NAME --mission ${slug}`
  if (isMerged(mission) || !rows.some(row => row.lane === 'approved')) return undefined
  return textOf(mission.meta.accepted_at) === null
    ? sh`spec-kitty accept --mission ${slug}`
    : sh`spec-kitty merge --dry-run --mission ${slug}`
}
