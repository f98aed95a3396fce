/** What opening and closing a decision share: one transaction over index, page and log, one commit. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { DecisionEntry, DecisionIndex } from '@spec-kitty/contracts/files/decision'
import type { JsonObject } from '@spec-kitty/contracts/json'
import type { Remedy } from '@spec-kitty/contracts/sh'
import { drawStamps, planAppend, readStatus, type StatusFacts } from '../repo/log/emit.ts'
import type { Stamp } from '../repo/log/transition.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { type ProjectConfig, readConfig } from '../repo/project/config.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { planCommit, refuseProtected } from '../write/commit.ts'
import { transact } from '../write/transact.ts'
import { printArtifact } from './artifact.ts'
import { artifactPath, indexPath, printIndex, readIndex } from './index-file.ts'

export interface Place {
  readonly project: Project
  readonly mission: Mission
  readonly config: ProjectConfig
}

export interface DecisionFacts {
  readonly status: StatusFacts
  readonly index: DecisionIndex
}

export interface DecisionPlan {
  readonly index: DecisionIndex
  readonly entry: DecisionEntry
  readonly event: {
    readonly type: 'DecisionPointOpened' | 'DecisionPointResolved'
    readonly payload: JsonObject
  }
  /** Words of the new line in the page's change log. */
  readonly change: string
}

type Stamps = readonly [Stamp, ...Stamp[]]

/** Throws what naming a mission throws, and `protected_branch`. */
export async function locate(
  ports: Ports,
  input: {
    readonly mission?: string | undefined
    readonly autoCommit?: boolean | undefined
    readonly dryRun?: boolean | undefined
  },
): Promise<Place> {
  const project = locateProject(ports)
  const mission = resolveMission(ports, project, input.mission)
  const config = await readConfig(ports, project)
  if (input.dryRun !== true) refuseProtected(ports, project, config, input.autoCommit)
  return { project, mission, config }
}

/** Two stamps: the id of a new decision, and its event. A decision without a plan changes nothing. */
export function recordDecision<R>(
  ports: Ports,
  { project, mission, config }: Place,
  autoCommit: boolean | undefined,
  decide: (facts: DecisionFacts, stamps: Stamps) => { readonly plan?: DecisionPlan; readonly result: R },
): Promise<R> {
  return transact<R>(ports, project, mission, async () => {
    const status = await readStatus(ports, project, mission)
    const facts = { status, index: readIndex(ports, mission) }
    const stamps = drawStamps(ports, status, 2)
    const { plan, result } = decide(facts, stamps)
    if (plan === undefined) return { changes: [], result }
    const page = artifactPath(mission, plan.entry.decision_id)
    const { changes, paths } = planFiles(facts, mission, plan, stamps, ports.files.text(page))
    const message = `Record decision ${plan.entry.input_key} for feature ${mission.slug}`
    return { changes: [...changes, ...planCommit(project, config, { paths, message, autoCommit })], result }
  })
}

function planFiles(
  { status }: DecisionFacts,
  mission: Mission,
  { index, entry, event, change }: DecisionPlan,
  stamps: Stamps,
  before: string | undefined,
): { readonly changes: readonly Change[]; readonly paths: readonly string[] } {
  const { at, id } = stamps[1] ?? stamps[0]
  const append = planAppend(status, [{ at, event_id: id, event_type: event.type, payload: event.payload }])
  const page = artifactPath(mission, entry.decision_id)
  const content = printArtifact(entry, before, `- \`${at}\` — ${change}`)
  return {
    changes: [
      { kind: 'write_file', path: indexPath(mission), content: printIndex(index) },
      { kind: 'write_file', path: page, content },
      ...append.changes,
    ],
    paths: [indexPath(mission), page, ...append.paths],
  }
}

/** A refusal under the Python edition's code word. */
export function decisionRefusal(
  code: string,
  message: string,
  details: JsonObject,
  hint: Remedy,
): KittyError {
  return new KittyError('decision_refused', message, { hint, data: { code, details } })
}

/** The index and the payloads of events spell times with `Z`, pages and rows with the offset. */
export function zulu(at: string): string {
  return at.replace(/\+00:00$/, 'Z')
}
