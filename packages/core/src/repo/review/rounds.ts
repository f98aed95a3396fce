/** How often reviews sent packages back. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import { cyclesByWp, readCycle, type Verdicts } from './cycle.ts'

/** Work package → rejected rounds, of those that `asks` for; a review that cannot be read is a note. */
export async function rejectedRounds(
  ports: Pick<Ports, 'files' | 'yaml' | 'note' | 'kept'>,
  mission: Mission,
  log: Verdicts,
  asks: (id: string) => boolean = () => true,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  for (const [id, cycles] of cyclesByWp(ports, mission)) {
    if (!asks(id)) continue
    for (const file of cycles) {
      try {
        if ((await readCycle(ports, file, log)).verdict === 'rejected')
          counts.set(id, (counts.get(id) ?? 0) + 1)
      } catch (error) {
        if (!(error instanceof KittyError)) throw error
        ports.note(error.message)
      }
    }
  }
  return counts
}
