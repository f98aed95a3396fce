import { CharterSync } from '@spec-kitty/contracts/cli/charter'
import { charterSync } from '@spec-kitty/core/project/charter/read'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'There is nothing to sync: charter.md is read as it is. For scripts of the Python edition.',
  flags: { force: toggle('accepted for scripts of the Python edition', { short: 'f', hidden: true }) },
  result: CharterSync,
  run: ports => charterSync(ports),
  text: () => 'Nothing to do: the charter is read as it is.',
})
