import { CharterPreflight } from '@spec-kitty/contracts/cli/charter'
import { charterPreflight } from '@spec-kitty/core/project/charter/read'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Tells whether there is a charter. Advice: it fails only with --strict.',
  examples: ['spec-kitty charter preflight --strict'],
  flags: {
    strict: toggle('exit 1 without a charter'),
    autoRefresh: toggle('accepted for scripts of the Python edition', { hidden: true }),
  },
  result: CharterPreflight,
  run: ports => charterPreflight(ports),
  status: ({ passed }, input) => (input.strict === true && !passed ? 1 : 0),
  text: ({ checks }) =>
    checks
      .map(({ detail, remediation }) =>
        [detail, ...(remediation === null ? [] : [`To write one: ${remediation}`])].join('\n'),
      )
      .join('\n'),
})
