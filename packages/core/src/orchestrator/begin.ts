/** The two claims of the orchestrator API: a package is taken for work, or for review. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { startWork } from '../lanes/implement.ts'
import { openRemedy } from '../repo/lanes/dependencies.ts'
import { laneOf } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { findWorkPackage } from '../repo/tasks/work-package.ts'
import { claimReview } from '../review/claim.ts'
import type { Ports } from '../world/ports.ts'
import { requirePolicy } from './policy.ts'
import { ApiRefusal } from './refusal.ts'
import { missionHead, readScene, sceneLane, unsatisfied } from './scene.ts'

export interface BeginInput {
  readonly mission: string
  readonly wp: string
  readonly actor: string
  readonly policy?: string | undefined
}

/**
 * planned → claimed → in_progress, with the worktree of its lane. The same actor again: nothing happens. Throws
 * `WP_NOT_FOUND`, `DEPENDENCIES_NOT_SATISFIED`, `WP_ALREADY_CLAIMED`, and what `implement` refuses.
 */
export async function startImplementation(ports: Ports, input: BeginInput) {
  const policyMetadata = requirePolicy(input.policy)
  const scene = await readScene(ports, input.mission)
  const wp = await findWorkPackage(ports, scene.mission, input.wp)
  const open = unsatisfied(scene, wp)
  if (sceneLane(scene, wp.id) === 'planned' && open.length > 0) {
    const ids = open.map(({ id }) => id)
    const remedy = openRemedy(wp.id, scene.mission.slug, open)
    const message = `${wp.id} depends on ${ids.join(', ')}, not yet approved or done${remedy === undefined ? '' : `. ${remedy}`}`
    throw new ApiRefusal('DEPENDENCIES_NOT_SATISFIED', message, { unsatisfied_dependencies: ids })
  }
  const claim = { mission: scene.mission, wpId: wp.id, actor: input.actor, what: 'implementation' } as const
  const started = await inApiWords(claim, () =>
    startWork(ports, { wpId: wp.id, mission: scene.mission.slug, agent: input.actor, policyMetadata }),
  )
  const from = laneOf(started.status.reduction, wp.id)
  return {
    ...missionHead(started.mission),
    wp_id: wp.id,
    from_lane: from,
    to_lane: 'in_progress',
    workspace_path: started.workspaceDir,
    prompt_path: started.wp.path,
    policy_metadata_recorded: from !== 'in_progress',
    no_op: from === 'in_progress',
  }
}

/** for_review → in_review. The same reviewer again: nothing happens. Throws what `agent action review` refuses. */
export async function startReview(
  ports: Ports,
  input: BeginInput & { readonly reviewRef?: string | undefined },
) {
  const policyMetadata = requirePolicy(input.policy)
  const { mission } = await readScene(ports, input.mission)
  const wp = await findWorkPackage(ports, mission, input.wp)
  const { reviewRef, actor } = input
  const claim = { mission, wpId: wp.id, actor, what: 'review' } as const
  const review = await inApiWords(claim, () =>
    claimReview(ports, { wpId: wp.id, mission: mission.slug, agent: actor, policyMetadata, reviewRef }),
  )
  return {
    ...missionHead(mission),
    wp_id: wp.id,
    from_lane: review.claimed ? 'for_review' : 'in_review',
    to_lane: 'in_review',
    prompt_path: review.wp_file,
    policy_metadata_recorded: review.claimed,
    no_op: !review.claimed,
  }
}

interface Claim {
  readonly mission: Mission
  readonly wpId: string
  readonly actor: string
  readonly what: 'implementation' | 'review'
}

/** The contract names both sides of a contested claim, and the lane that forbids one. */
async function inApiWords<T>({ mission, wpId, actor, what }: Claim, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (!(cause instanceof KittyError)) throw cause
    const { code, data, hint = '' } = cause
    if (code === 'claimed_by_other') {
      const holder = data.owner ?? data.reviewer ?? null
      throw new ApiRefusal('WP_ALREADY_CLAIMED', cause.message, {
        ...missionHead(mission),
        claimed_by: holder,
        requesting_actor: actor,
        hint,
      })
    }
    if (code !== 'illegal_transition') throw cause
    const message = `WP ${wpId} is in '${String(data.lane)}', cannot start ${what}`
    throw new ApiRefusal('TRANSITION_REJECTED', message, { wp_id: wpId, hint })
  }
}
