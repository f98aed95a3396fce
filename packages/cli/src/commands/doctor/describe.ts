/** Findings for people. */
import type { DoctorFinding } from '@spec-kitty/contracts/cli/doctor'
import type { Style } from '../../style.ts'

/** Two lines a finding: what is wrong, what to do. */
export function describeFindings(findings: readonly DoctorFinding[], style: Style): readonly string[] {
  const colour = { error: style.red, warning: style.yellow, info: style.dim }
  return findings.flatMap(({ severity, code, message, fix }) => [
    `${colour[severity](severity)} ${message} ${style.dim(`(${code})`)}`,
    ...(fix === null ? [] : [style.dim(`  ${fix}`)]),
  ])
}
