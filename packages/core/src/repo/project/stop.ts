/** Where an operation of git stopped, and the command that goes on from there, for everybody who meets one. */
import { joined, type Remedy } from '@spec-kitty/contracts/sh'
import type { Ports } from '../../world/ports.ts'
import { type OpenOperation, openOperation } from './open-operation.ts'

export interface Stop extends OpenOperation {
  /** The checkout, absolute. */
  readonly place: string
  /** Finishing needs no editor; where something is unresolved, git says so and nothing is lost. */
  readonly goOn: Remedy
}

/** The operation open in a checkout. One git process where there is one, three at most. Throws `not_a_repository`. */
export async function readStop(
  ports: Pick<Ports, 'files' | 'git'>,
  place: string,
): Promise<Stop | undefined> {
  const operation = openOperation(ports.files, place)
  if (operation === undefined) return undefined
  // Loaded where one is open.
  const { waysOn } = await import('./ways-on.ts')
  return { ...operation, place, goOn: joined(await waysOn(ports, place, operation), ' && ') }
}
