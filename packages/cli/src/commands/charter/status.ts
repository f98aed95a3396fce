import { CharterStatus } from '@spec-kitty/contracts/cli/charter'
import { charterStatus } from '@spec-kitty/core/project/charter/read'
import { defineCommand, toggle } from '../../command.ts'

export const command = defineCommand({
  description: 'Tells whether there is a charter, and its hash.',
  examples: ['spec-kitty charter status'],
  flags: { provenance: toggle('accepted for scripts of the Python edition', { hidden: true }) },
  result: CharterStatus,
  run: ports => charterStatus(ports),
  text: ({ charter_sync: sync }) =>
    sync.available
      ? `${sync.charter_path}, ${sync.current_hash.slice(0, 19)}…`
      : `${sync.error}. It is optional: spec-kitty charter interview`,
})
