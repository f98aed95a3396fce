import { AuthDoctor } from '@spec-kitty/contracts/cli/auth-status'
import { authDoctor } from '@spec-kitty/core/auth/report'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Finds what is wrong with the login. Exit status 1 when a finding is critical.',
  flags: { server: toggle('also ask the server whether it knows the login') },
  result: AuthDoctor,
  run: async (ports, { server }) => {
    const sync = await ports.sync()
    try {
      return await authDoctor({ ports, sync }, server ?? false)
    } finally {
      sync.net.close()
    }
  },
  status: ({ findings }) => (findings.some(finding => finding.severity === 'critical') ? 1 : 0),
  indent: true,
  text: ({ findings }) =>
    findings.length === 0
      ? 'The login is in order.'
      : findings
          .map(({ id, severity, summary, remediation }) => `${id} ${severity}: ${summary}\n  ${remediation}`)
          .join('\n'),
})
