/** Before anything is changed: can the commit that comes last be made? */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'

/** How long another git may hold the index, in steps and ms. */
const STEPS = 40
const STEP_MS = 50

/** Waits a moment for a git that is at work where `changes` commit. Throws `lock_busy` when it does not let go. */
export async function awaitIndex(
  { git, clock }: Pick<Ports, 'git' | 'clock'>,
  changes: readonly Change[],
): Promise<void> {
  const checkouts = new Set(
    changes.flatMap(change =>
      change.kind === 'commit' || change.kind === 'switch_branch' ? [change.checkout] : [],
    ),
  )
  for (const checkout of checkouts) {
    for (let step = 0; step < STEPS && git.indexLock(checkout) !== undefined; step++)
      await clock.sleep(STEP_MS)
    const lock = git.indexLock(checkout)
    if (lock === undefined) continue
    const message = `Another git is at work in ${checkout}, or one crashed there: ${lock} exists`
    throw new KittyError('lock_busy', message, { hint: sh`When none runs, remove it: rm ${lock}` })
  }
}
