/** `spec-kitty trust`: shows the commands that the repository brings along, and notes that one may run. */
import type { Trust } from '@spec-kitty/contracts/cli/trust'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { worktreeSettings } from '../lanes/setup.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject } from '../repo/project/locate.ts'
import { isTrusted, trustKey, trustPath } from '../repo/project/trust.ts'
import type { Ports } from '../world/ports.ts'
import { writeLocal } from '../write/local.ts'

/** Notes the agreement to `key` (none: only shows). Throws `invalid_input` for what is no key. */
export async function trust(ports: Ports, input: { readonly key?: string | undefined }): Promise<Trust> {
  const project = locateProject(ports)
  const { key } = input
  if (key !== undefined && !/^[\da-f]{32}$/.test(key))
    throw new KittyError('invalid_input', `${key} is not a key of a command`, {
      hint: sh`See the commands and their keys: spec-kitty trust`,
    })
  const setup = worktreeSettings(await readConfig(ports, project))?.setup
  const foreign = setup === undefined ? [] : [{ setting: 'worktree.setup', command: setup }]
  const known = foreign.find(item => trustKey(item) === key)
  if (key !== undefined && !isTrusted(ports, project, key)) {
    const line = `${key} ${known?.setting ?? 'check'}`
    await writeLocal(ports, [{ kind: 'append_events', path: trustPath(project), lines: [line] }])
  }
  return {
    result: 'success',
    key: key ?? null,
    commands: foreign.map(item => {
      const own = trustKey(item)
      return { ...item, key: own, trusted: isTrusted(ports, project, own) }
    }),
  }
}
