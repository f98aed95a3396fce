/** Settling by a command that writes anyway: what has landed is found, settled and told. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Mission } from '../repo/mission/handle.ts'
import { openLandings } from '../repo/mission/landing.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'
import { settleLanding } from './landing.ts'
import { type WaitingLanding, waitingLanding } from './waiting.ts'

/**
 * Settles those of the missions that have landed: a sentence for each. What keeps one from being settled is told in its
 * sentence and stops neither the others nor the command.
 */
export async function settleArrived(
  ports: Ports,
  project: Project,
  missions: readonly Mission[],
): Promise<readonly string[]> {
  const said: string[] = []
  for (const mission of missions) {
    const waiting = await waitingLanding(ports, project, mission)
    if (waiting?.arrived !== undefined) said.push(await settleOne(ports, project, mission, waiting))
  }
  return said
}

/** The same for all missions of the checkout; outside of a project there are none. */
export async function settleHere(ports: Ports): Promise<readonly string[]> {
  try {
    const project = locateProject(ports)
    return await settleArrived(ports, project, openLandings(ports, project))
  } catch (cause) {
    if (cause instanceof KittyError && cause.code === 'not_a_repository') return []
    throw cause
  }
}

async function settleOne(ports: Ports, project: Project, { slug }: Mission, { sentence }: WaitingLanding) {
  try {
    const done = await settleLanding(ports, project, { mission: slug })
    const number = done.mission_number === null ? '' : ` as mission ${done.mission_number}`
    const notes = [...done.warnings, ...done.kept.map(({ subject, reason }) => `kept ${subject}: ${reason}`)]
    return `${slug} has landed on ${done.target_branch} (${done.how}, ${done.commit.slice(0, 12)})${number}, and is settled${notes.map(note => `; ${note}`).join('')}`
  } catch (cause) {
    if (!(cause instanceof KittyError)) throw cause
    return `${sentence}: ${cause.message}${cause.hint === undefined ? '' : `; ${cause.hint}`}`
  }
}
