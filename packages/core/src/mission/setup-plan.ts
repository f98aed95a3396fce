/**
 * The gate between specification and plan (docs/missions.md, ADR 0011). A specification that says something is
 * committed by this command when its author has not done so: a hand-made commit is no part of the road.
 */
import type { SetupPlan } from '@spec-kitty/contracts/cli/setup-plan'
import { drawStamps, type StatusFacts } from '../repo/log/emit.ts'
import { lifecycleRow, newFacts, phaseCompleted, phaseStarted } from '../repo/log/lifecycle-rows.ts'
import type { Stamp } from '../repo/log/transition.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { isSubstantiveSpec, planProblem } from '../repo/mission/substance.ts'
import { planTemplate } from '../repo/mission/templates.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Files, Ports, StatusEntry } from '../world/ports.ts'
import { type Decision, type Scene, write } from '../write/write.ts'
import { currentContract } from './branch-contract.ts'
import { planningStep } from './planning-step.ts'

export interface SetupPlanInput {
  readonly mission?: string | undefined
  readonly autoCommit?: boolean | undefined
}

export interface SetupFacts {
  readonly status: StatusFacts
  readonly spec: string | undefined
  readonly plan: string | undefined
  /** spec.md and plan.md where they differ from the last commit. */
  readonly dirty: readonly StatusEntry[]
  /** What was written beside the plan; absolute. */
  readonly beside: readonly string[]
}

type Gate = Omit<SetupPlan, 'spec_kitty_version' | keyof ReturnType<typeof currentContract>>

const ACTOR = 'spec-kitty agent mission setup-plan'

/**
 * Opens the plan of a mission: scaffolds plan.md, and once it says something commits it. Answers `blocked` where the
 * specification or the plan is still empty. Throws what naming a mission throws, `protected_branch`,
 * `coordination_mission`, `log_corrupt`.
 */
export async function setupPlan(
  ports: Ports,
  input: SetupPlanInput,
): Promise<Omit<SetupPlan, 'spec_kitty_version'>> {
  return write(ports, input, async scene => {
    const { project, mission } = scene
    const facts = await readFacts(ports, scene)
    const { gate, ...rest } = planSetup(facts, drawStamps(ports, facts.status, 3))
    return { ...rest, answer: { ...gate, ...currentContract(ports, project, mission) } }
  })
}

async function readFacts(ports: Ports, scene: Scene): Promise<SetupFacts> {
  const { project, mission } = scene
  const { spec, plan } = missionPaths(mission)
  const relative = ['spec.md', 'plan.md'].map(name => `${mission.rel}/${name}`)
  const [status, dirty] = await Promise.all([scene.status(), ports.git.status(project.top, relative)])
  return {
    status,
    spec: ports.files.text(spec),
    plan: ports.files.text(plan),
    dirty,
    beside: besidePlan(ports.files, mission),
  }
}

/** Files that a plan may have beside it, and the folders. */
const BESIDE = ['research.md', 'data-model.md', 'quickstart.md', 'contracts', 'checklists', 'research']

function besidePlan(files: Files, mission: Mission): readonly string[] {
  const walk = (path: string): readonly string[] => {
    const kind = files.stat(path)?.kind
    if (kind === 'directory') return files.list(path).flatMap(name => walk(join(path, name)))
    return kind === 'file' ? [path] : []
  }
  return BESIDE.flatMap(name => walk(join(mission.dir, name)))
}

type Setup = Pick<Decision<Gate>, 'files' | 'events' | 'message' | 'paths' | 'phase'> & {
  readonly gate: Gate
}

/** Pure. Three stamps: one for each event that may be due. */
export function planSetup(facts: SetupFacts, stamps: readonly [Stamp, ...Stamp[]]): Setup {
  const { mission } = facts.status
  const specDirty = facts.dirty.some(entry => entry.path.endsWith('/spec.md'))
  const head = {
    mission_slug: mission.slug,
    feature_dir: mission.dir,
    spec_file: missionPaths(mission).spec,
    spec_committed: facts.spec !== undefined && !specDirty,
  }
  if (facts.spec === undefined || !isSubstantiveSpec(facts.spec)) {
    return { gate: { ...head, ...closedBySpec(mission) } }
  }
  const problem =
    facts.plan === undefined ? 'plan.md was just made from the template.' : planProblem(facts.plan)
  const complete = problem === undefined
  const { spec, plan } = missionPaths(mission)
  return {
    gate: { ...head, spec_substantive: true, ...planGate(mission, problem) },
    files: scaffold(facts),
    events: events(facts.status, complete, stamps),
    // A plan that is still a form stays out of the history; the specification does not wait for it.
    paths: complete ? [spec, plan, ...facts.beside] : [spec],
    phase: complete,
    message: `Add ${complete ? 'plan' : 'spec'} for feature ${mission.slug}`,
  }
}

function closedBySpec(mission: Mission) {
  return {
    result: 'blocked',
    phase_complete: false,
    spec_substantive: false,
    error_code: 'SPEC_NOT_SUBSTANTIVE_OR_UNCOMMITTED',
    blocked_reason:
      'spec.md is not substantive yet: give at least one functional requirement with words of its own, as a row "| FR-001 | title | description |" or a bullet "- **FR-001**: text".',
    next_step: planningStep(mission, 'spec'),
  } as const
}

function planGate(mission: Mission, problem: string | undefined) {
  const planFile = { plan_file: missionPaths(mission).plan }
  if (problem === undefined) {
    return {
      result: 'success',
      phase_complete: true,
      ...planFile,
      plan_substantive: true,
      next_step: planningStep(mission, 'tasks'),
    } as const
  }
  return {
    result: 'blocked',
    phase_complete: false,
    ...planFile,
    plan_substantive: false,
    blocked_reason: `plan.md is not substantive yet: fill in Technical Context with real values (Language/Version and at least one more field). ${problem}`,
    next_step: planningStep(mission, 'plan-form'),
  } as const
}

function events(status: StatusFacts, complete: boolean, stamps: readonly [Stamp, ...Stamp[]]) {
  const { mission } = status
  const drafts = [
    phaseCompleted(mission, 'Specify', ACTOR, 'spec.md'),
    phaseStarted(mission, 'Plan', ACTOR),
    ...(complete ? [phaseCompleted(mission, 'Plan', ACTOR, 'plan.md')] : []),
  ]
  return newFacts(status.log.text, drafts).map((draft, i) => lifecycleRow(draft, stamps[i] ?? stamps[0]))
}

function scaffold(facts: SetupFacts): readonly Change[] {
  if (facts.plan !== undefined) return []
  const { mission } = facts.status
  const name = mission.meta.friendly_name
  const title = typeof name === 'string' && name !== '' ? name : mission.slug
  const content = planTemplate({ slug: mission.slug, title })
  return [{ kind: 'write_file', path: missionPaths(mission).plan, content, expect: null }]
}
