/** Files of a mission that an open operation of git has taken out: called missing, they would be written anew. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import type { Project } from '../project/locate.ts'
import { readStop } from '../project/stop.ts'
import type { Mission } from './handle.ts'

/** Throws `not_ready` with what brings them back. No process where nothing is open. */
export async function refuseTakenOut(
  ports: Pick<Ports, 'files' | 'git'>,
  { top }: Pick<Project, 'top'>,
  mission: Pick<Mission, 'rel'>,
): Promise<void> {
  const stop = await readStop(ports, top)
  if (stop === undefined) return
  const gone = (await ports.git.status(top)).flatMap(({ code, path }) =>
    /^(?:D | D)$/.test(code) &&
    path.startsWith(`${mission.rel}/`) &&
    ports.files.stat(join(top, path)) === undefined
      ? [path]
      : [],
  )
  if (gone.length === 0) return
  throw new KittyError(
    'not_ready',
    `A git ${stop.name} is open in ${top}, and files of the mission are gone in it: ${listed(gone)}`,
    { hint: sh`Take them back: git -C ${top} restore --source=HEAD --staged --worktree -- ${gone}` },
  )
}
