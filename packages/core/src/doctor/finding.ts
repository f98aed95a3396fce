/** What the parts of doctor answer with: findings, and how to mend those that can be mended. */
import type { DoctorFinding } from '@spec-kitty/contracts/cli/doctor'
import type { Remedy } from '@spec-kitty/contracts/sh'
import type { Change } from '../world/change.ts'

/** The remedy of every finding that `--fix` mends; a finding without a mend never names it. */
export const FIX = 'spec-kitty doctor --fix'

export type Mend =
  | {
      readonly kind: 'changes'
      readonly changes: readonly Change[]
      /** Absolute paths of tracked files among them. */
      readonly commit: readonly string[]
      /** What was done, a sentence. */
      readonly done: string
    }
  /** The log and status.json of a mission: `agent status doctor --fix`. */
  | { readonly kind: 'status'; readonly slug: string }
  /** A pull request that was merged: `merge --landed`. */
  | { readonly kind: 'landing'; readonly slug: string }
  /** The id of a mission: `migrate backfill-identity`. */
  | { readonly kind: 'identity'; readonly slug: string }

export interface Problem {
  readonly finding: DoctorFinding
  readonly mend?: Mend
  /** Of a mission, by directory name. */
  readonly mission?: string
}

type Facts = Pick<DoctorFinding, 'code' | 'severity' | 'path' | 'message'>

/** A finding that a person has to see to. */
export function problem(facts: Facts, fix: Remedy | null): Problem {
  return { finding: { ...facts, fix } }
}

/** A finding that `--fix` mends. */
export function mendable(facts: Facts, mend: Mend): Problem {
  return { finding: { ...facts, fix: FIX }, mend }
}

/** A mend by changes alone. */
export function byChanges(changes: readonly Change[], done: string, commit: readonly string[] = []): Mend {
  return { kind: 'changes', changes, done, commit }
}
