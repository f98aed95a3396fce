/** What `agent tasks move-task` is asked to do, checked as far as that needs no facts. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { DISPLAY_LANES, type Lane } from '@spec-kitty/contracts/lanes'
import { joined, part, sh } from '@spec-kitty/contracts/sh'
import { targetLane } from '../../repo/log/matrix.ts'

export interface MoveTaskInput {
  readonly taskId: string
  readonly to: string
  readonly mission?: string | undefined
  readonly agent?: string | undefined
  readonly assignee?: string | undefined
  readonly shellPid?: string | undefined
  readonly note?: string | undefined
  /** Path, relative to where the user stands. */
  readonly reviewFeedbackFile?: string | undefined
  /** The feedback itself, for who has no file. */
  readonly reviewFeedback?: string | undefined
  readonly approvalRef?: string | undefined
  readonly reviewer?: string | undefined
  readonly selfReviewFallback?: boolean | undefined
  readonly intendedReviewer?: string | undefined
  readonly reviewerFailureReason?: string | undefined
  readonly doneOverrideReason?: string | undefined
  readonly force?: boolean | undefined
  readonly trackerRef?: readonly string[] | undefined
  readonly skipReviewArtifactCheck?: boolean | undefined
  readonly autoCommit?: boolean | undefined
}

export interface MoveRequest extends Omit<MoveTaskInput, 'to'> {
  readonly to: Lane
  readonly force: boolean
}

/** Throws `invalid_lane`, `invalid_input`. */
export function readMoveRequest(input: MoveTaskInput): MoveRequest {
  const to = targetLane(input.to)
  if (to === undefined) {
    const known = DISPLAY_LANES.join(', ')
    throw new KittyError('invalid_lane', `Invalid lane '${input.to}'. Expected one of ${known}.`, {
      hint: sh`doing stands for in_progress`,
      data: { lane: input.to },
    })
  }
  const filled = Object.fromEntries(
    Object.entries(input).filter(([, value]) => typeof value !== 'string' || value.trim() !== ''),
  ) as unknown as MoveTaskInput
  const request = { ...filled, to, force: input.force ?? false }
  requireConsistentFallback(request)
  requireNoteForOverride(request)
  return request
}

/** Approving one's own work is on record only as a forced exception that names who should have done it. */
function requireConsistentFallback(request: MoveRequest): void {
  if (request.selfReviewFallback !== true) return
  const missing = [
    ...(request.force ? [] : ['--force']),
    ...(request.intendedReviewer === undefined ? ['--intended-reviewer'] : []),
    ...(request.reviewerFailureReason === undefined ? ['--reviewer-failure-reason'] : []),
  ]
  if (!isApproval(request.to)) {
    throw new KittyError('invalid_input', '--self-review-fallback is only for --to approved or done', {
      hint: sh`Leave --self-review-fallback out`,
    })
  }
  if (missing.length === 0) return
  throw new KittyError('invalid_input', `--self-review-fallback requires ${missing.join(', ')}`, {
    hint: sh`Add ${part(
      joined(
        missing.map(option => sh`${option}`),
        ' and ',
      ),
    )}`,
  })
}

function requireNoteForOverride(request: MoveRequest): void {
  if (request.skipReviewArtifactCheck !== true || request.note !== undefined) return
  throw new KittyError(
    'invalid_input',
    '--skip-review-artifact-check requires --note: the reason goes on record',
    {
      hint: sh`Add --note "why the rejection no longer holds"`,
    },
  )
}

/** The two lanes that say "reviewed and good". */
export function isApproval(lane: Lane): boolean {
  return lane === 'approved' || lane === 'done'
}

/** True when this very move is the approval, so that it leaves a verdict of its own. */
export function approvesNow(
  { from }: { readonly from: { readonly lane: Lane } },
  { to }: Pick<MoveRequest, 'to'>,
): boolean {
  return isApproval(to) && from.lane !== 'approved' && from.lane !== 'done'
}
