/** Whether a later Python edition (3.2.6 on) works on the project too. It says so itself. */
import { join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import type { Project } from './locate.ts'

/** Reads two small files as text: this runs in every command that writes to a log. */
export function isShared({ files }: Pick<Ports, 'files'>, { root }: Pick<Project, 'root'>): boolean {
  const config = files.text(join(root, '.kittify', 'config.yaml')) ?? ''
  // The second word is for people: it says so where no other sign does.
  if (/^(?:mission_type_activations[ \t]*:|ticks_in_log[ \t]*:[ \t]*true\b)/m.test(config)) return true
  const metadata = files.text(join(root, '.kittify', 'metadata.yaml')) ?? ''
  const version = /^[ \t]+["']?version["']?:[ \t]*["']?(\d+)\.(\d+)\.(\d+)/m.exec(metadata)
  const [major = 0, minor = 0, patch = 0] = (version ?? []).slice(1).map(Number)
  return major * 1e6 + minor * 1e3 + patch >= 3_002_006
}
