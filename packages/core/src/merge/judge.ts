/** Facts, forecast, ledger and rehearsal of one merge: what a dry run tells is what the real run does. */
import type { MergeBlocker } from '@spec-kitty/contracts/cli/merge-dry-run'
import type { MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { QueuedFact } from '../world/change.ts'
import type { Objects, Ports } from '../world/ports.ts'
import { list } from './blocker.ts'
import { type MergeFacts, type MergeRequest, mergeFacts } from './facts.ts'
import { type Forecast, forecastMerge, isLaneWithTip } from './forecast.ts'
import { requireGit } from './git-version.ts'
import { closure } from './graph.ts'
import type { Ledger } from './ledger.ts'
import { planMerge } from './plan.ts'
import { lookAhead, type Preview } from './preview.ts'
import { mergeBlockers } from './rules.ts'

export interface Plan {
  readonly state: MergeState
  readonly told: readonly QueuedFact[]
}

export interface Judgement<P = Plan> {
  readonly facts: MergeFacts
  readonly blockers: readonly MergeBlocker[]
  readonly warnings: readonly string[]
  /** Made when there is no blocker and it is wanted. */
  readonly plan: P | undefined
}

/** What is made of a merge that nothing stands against. */
export type Make<P> = (
  ports: Ports,
  objects: Objects,
  facts: MergeFacts,
  forecast: Forecast,
  ledger: Ledger,
) => Promise<P>

/** Judges a merge; `real`: the plan is wanted. */
export async function judge(
  ports: Ports,
  request: Omit<MergeRequest, 'objects'>,
  real: boolean,
): Promise<Judgement> {
  return await judgeFor(ports, request, real, planMerge)
}

/** The same for another plan than that of a merge here. */
export async function judgeFor<P>(
  ports: Ports,
  request: Omit<MergeRequest, 'objects'>,
  real: boolean,
  make: Make<P>,
): Promise<Judgement<P>> {
  const objects = ports.git.objects(request.project.top)
  try {
    const facts = await mergeFacts(ports, { ...request, objects })
    requireGit(facts.gitVersion)
    const forecast = await forecastMerge(ports, objects, facts)
    const preview = await lookAhead(ports, objects, facts, forecast)
    const blockers = mergeBlockers(facts, forecast, preview)
    const warnings = warningsOf(facts, forecast, preview)
    const { ledger } = preview
    const plan =
      blockers.length > 0 || ledger === undefined || !real
        ? undefined
        : await make(ports, objects, facts, forecast, ledger)
    return { facts, blockers, warnings, plan }
  } finally {
    objects.close()
  }
}

/** What does not stop the merge and yet should be known. */
function warningsOf(facts: MergeFacts, { merged }: Forecast, { ledger, late }: Preview): readonly string[] {
  const { graph, target, staleApprovals, laneFacts } = facts
  const landed = target === null ? new Set() : closure(graph, target)
  const empty = laneFacts
    .filter(isLaneWithTip)
    .filter(lane => !merged.includes(lane.id) && !landed.has(lane.tip))
  return [
    ...empty.map(({ id, wpIds }) => `${id} brings nothing: ${wpIds.join(', ')} has no commit of its own`),
    ...(ledger?.planning ?? [])
      .filter(({ edited }) => edited.length > 0)
      .map(({ lane, edited }) => `${lane.id} changes planning files: ${list(edited)}`),
    ...late.flatMap(({ lane, commits, resolved }) => [
      ...(staleApprovals === 'warn' && commits.length > 0
        ? [
            `${lane.branch} has commits that came after its approval: ${list(commits.map(c => c.slice(0, 12)))}`,
          ]
        : []),
      ...resolved.map(
        commit => `${commit.slice(0, 12)} in ${lane.branch} resolves a conflict by hand, after the approval`,
      ),
    ]),
  ]
}
