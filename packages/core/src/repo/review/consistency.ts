/** Is the latest review artefact of a work package in line with its state? (docs/lanes.md) */
import { isUnreadable } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { basename, relativeTo } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import {
  type CycleFile,
  isRejected,
  listCycles,
  type ReviewCycle,
  readCycle,
  type Verdicts,
} from './cycle.ts'

/** Keys of 3.2.0. */
export type ReviewFinding = JsonObject & {
  readonly diagnostic_code: 'REJECTED_REVIEW_ARTIFACT_CONFLICT' | 'REVIEW_ARTIFACT_SCHEMA_INVALID'
  readonly branch_or_work_package: string
  readonly violated_invariant: string
  readonly remediation: readonly Remedy[]
  readonly lane: string
  /** Relative to the checkout. */
  readonly latest_review_cycle_path: string
}

/**
 * The findings for work packages and their lanes: a latest artefact that cannot be read (in any lane), a rejection that
 * was not put aside (in `approved` and `done`).
 */
export async function reviewFindings(
  ports: Pick<Ports, 'files' | 'yaml'>,
  mission: Pick<Mission, 'dir' | 'rel'>,
  lanes: ReadonlyMap<string, string>,
  log: Verdicts,
): Promise<readonly ReviewFinding[]> {
  const findings: ReviewFinding[] = []
  for (const [wpId, lane] of lanes) {
    const latest = listCycles(ports, mission, wpId).at(-1)
    if (latest === undefined) continue
    const path = `${mission.rel}/${relativeTo(mission.dir, latest.path)}`
    const about = { branch_or_work_package: wpId, lane, latest_review_cycle_path: path }
    const cycle = await readOrProblem(ports, latest, log)
    if (typeof cycle === 'string') findings.push(unreadable(about, cycle))
    else if ((lane === 'approved' || lane === 'done') && isRejected(cycle))
      findings.push(rejected(about, latest.number, basename(mission.dir)))
  }
  return findings
}

interface About {
  readonly branch_or_work_package: string
  readonly lane: string
  readonly latest_review_cycle_path: string
}

async function readOrProblem(
  ports: Pick<Ports, 'files' | 'yaml'>,
  file: CycleFile,
  log: Verdicts,
): Promise<ReviewCycle | string> {
  try {
    return await readCycle(ports, file, log)
  } catch (cause) {
    if (isUnreadable(cause)) return cause.message
    throw cause
  }
}

function unreadable(about: About, problem: string): ReviewFinding {
  return {
    diagnostic_code: 'REVIEW_ARTIFACT_SCHEMA_INVALID',
    ...about,
    violated_invariant: 'review_cycle_frontmatter_must_match_schema',
    schema_error: problem,
    remediation: [sh`Mend the front matter of ${about.latest_review_cycle_path}`],
  }
}

function rejected(about: About, number: number, slug: string): ReviewFinding {
  const wpId = about.branch_or_work_package
  return {
    diagnostic_code: 'REJECTED_REVIEW_ARTIFACT_CONFLICT',
    ...about,
    violated_invariant: 'terminal_wp_latest_review_artifact_must_not_be_rejected',
    latest_review_cycle_verdict: 'rejected',
    review_cycle_number: number,
    remediation: [
      sh`spec-kitty agent tasks move-task ${wpId} --to planned --force --note ${`rejected in review cycle ${number}`} --review-feedback-file ${about.latest_review_cycle_path} --mission ${slug}`,
      sh`Or, if it was approved after all, add review-cycle-${number + 1}.md with "verdict: approved" beside ${about.latest_review_cycle_path}`,
    ],
  }
}
