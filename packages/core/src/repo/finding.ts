/** What is wrong, once: every check answers with findings, and every doctor shows them in its own document. */
import type { DoctorFinding } from '@spec-kitty/contracts/cli/doctor'
import type { KittyError, Restore } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { goodCopy } from './project/good-copy.ts'

/** The remedy of every finding that `doctor --fix` mends; a finding without a mend never names it. */
export const FIX = sh`spec-kitty doctor --fix`

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

interface Facts {
  /** A word that stays the same from version to version. */
  readonly code: string
  readonly severity: DoctorFinding['severity']
  /** Relative to the project. */
  readonly path: string | null
  readonly message: string
}

export interface Finding extends Facts {
  /** What a person does about it; null where there is nothing to say but the message. */
  readonly fix: Remedy | null
  /** What `doctor --fix` does about it. */
  readonly mend?: Mend
  /** The file whose last good copy mends it: `fix` is made of that. */
  readonly restore?: Restore
  /** Of a mission, by directory name. */
  readonly mission?: string
  /** Of a work package. */
  readonly wp?: string
}

/** A finding that a person has to see to. */
export function finding(facts: Facts, fix: Remedy | null): Finding {
  return { ...facts, fix }
}

/** A finding about a file of which an older copy is wanted back. */
export function restorable(facts: Facts, restore: Restore): Finding {
  return { ...facts, fix: restore.otherwise, restore }
}

/** The findings with the commits that have what is wanted back. Up to three processes for each of those. */
export async function withGoodCopies<F extends Finding>(
  ports: Pick<Ports, 'git'>,
  project: { readonly top: string },
  findings: readonly F[],
): Promise<readonly F[]> {
  return await Promise.all(
    findings.map(async found =>
      found.restore === undefined ? found : { ...found, fix: await goodCopy(ports, project, found.restore) },
    ),
  )
}

/** A finding that `doctor --fix` mends; `fix` is what does it where only this check is asked. */
export function mendable(facts: Facts, mend: Mend, fix: Remedy = FIX): Finding {
  return { ...facts, fix, mend }
}

/** A refusal of a reader as a finding: its sentence and its own remedy. */
export function refused(
  facts: Pick<Facts, 'code' | 'path'>,
  { message, hint }: Pick<KittyError, 'message' | 'hint'>,
): Finding {
  return finding({ ...facts, severity: 'error', message }, hint ?? null)
}

/** A mend by changes alone. */
export function byChanges(changes: readonly Change[], done: string, commit: readonly string[] = []): Mend {
  return { kind: 'changes', changes, done, commit }
}

/** A finding in the documents of `doctor`, `verify-setup` and `verify`. */
export function doctorRow({ code, severity, path, message, fix, mend }: Finding): DoctorFinding {
  return { code, severity, path, message, fix: mend === undefined ? fix : FIX }
}

/** Errors first, then in the order found. */
export function inOrder<Row extends Pick<Facts, 'severity'>>(findings: readonly Row[]): Row[] {
  const rank = { error: 0, warning: 1, info: 2 }
  return findings.toSorted((a, b) => rank[a.severity] - rank[b.severity])
}
