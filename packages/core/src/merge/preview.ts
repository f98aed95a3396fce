/** The merge gone through to its last step: what would stop it there is known before a branch moves. */
import type { Objects, Ports } from '../world/ports.ts'
import type { MergeFacts } from './facts.ts'
import type { Forecast } from './forecast.ts'
import { type Late, lateCommits } from './late.ts'
import { type Prepared, prepareLedger } from './ledger.ts'
import { filterProblem, type Obstacle, rehearse } from './rehearsal.ts'

/** What would come of the merge, beyond its code. */
export interface Preview extends Prepared {
  readonly obstacle: Obstacle | undefined
  /** What git says of a filter that fails. */
  readonly filter: string | undefined
  /** Why a commit cannot be signed. */
  readonly signing: string | undefined
  readonly late: readonly Late[]
}

/** Builds the ledger and rehearses the move of the checkout, as far as there is something to build on. */
export async function lookAhead(
  ports: Ports,
  objects: Objects,
  facts: MergeFacts,
  forecast: Forecast,
): Promise<Preview> {
  const prepared = await prepareLedger(ports, objects, facts, forecast)
  const late = await lateCommits(ports, objects, facts)
  const { ledger } = prepared
  const { road } = forecast
  const signing = facts.signs ? await ports.git.signatureProblem(facts.project.top) : undefined
  if (ledger === undefined || road === undefined)
    return { ...prepared, late, obstacle: undefined, filter: undefined, signing }
  const obstacle = await rehearse(ports, objects, facts, road, ledger)
  const filter = await filterProblem(ports, facts, ledger)
  return { ...prepared, late, obstacle, filter, signing }
}
