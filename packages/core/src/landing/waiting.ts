/**
 * A landing that was pushed, for every command that meets its mission. Readers tell that it has arrived and name the
 * command that settles it, for a command that reads writes nothing; commands that write anyway settle it and say so.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { LandingRecord } from '@spec-kitty/contracts/files/landing'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Mission } from '../repo/mission/handle.ts'
import { landingRecord, targetRefs } from '../repo/mission/landing.ts'
import type { Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'
import type { Arrived } from './recognise.ts'

export interface WaitingLanding {
  /** What it waits for, or that it is over: a sentence without its stop. */
  readonly sentence: string
  /** Settles it; before it has arrived, once it has. */
  readonly command: Remedy
  readonly target: string
  /** Undefined while it is not on the target, as far as is known here. */
  readonly arrived: Arrived | undefined
}

/**
 * Undefined where nothing was pushed: then one file was looked for. Where the target stands as it did when it was pushed,
 * references alone are read; else up to four git processes for each of its references that has moved. Reads only, and never throws for what it finds.
 */
export async function waitingLanding(
  ports: Ports,
  project: Project,
  mission: Mission,
): Promise<WaitingLanding | undefined> {
  const record = landingRecord(ports, project, mission)
  if (record === undefined) return undefined
  const { slug } = mission
  const { target } = record
  const arrived = await look(ports, project, mission, record)
  if (arrived !== undefined) {
    const place = `${target} (${arrived.how}, ${arrived.commit.slice(0, 12)})`
    const command = sh`spec-kitty merge --landed --mission ${slug}`
    return { sentence: `${slug} has landed on ${place}; it is not settled here`, command, target, arrived }
  }
  const what =
    record.pr === null
      ? `A pull request of ${record.branch} to ${target}`
      : `Pull request #${record.pr.number} to ${target}`
  const command = sh`spec-kitty merge --landed --fetch --mission ${slug}`
  return { sentence: `${what} waits to be merged`, command, target, arrived: undefined }
}

async function look(
  ports: Ports,
  project: Project,
  mission: Mission,
  record: LandingRecord,
): Promise<Arrived | undefined> {
  const now = new Set(ports.git.named(project.top, targetRefs(record)).values())
  const moved = [...now].filter(tip => !record.targets.includes(tip))
  if (moved.length === 0) return undefined
  // Most boards wait on nothing: they are not to load what looks.
  const { lookFor } = await import('./arrival.ts')
  const objects = ports.git.objects(project.top)
  try {
    return await lookFor(ports, { project, mission, objects }, record, moved)
  } catch (cause) {
    if (cause instanceof KittyError) return undefined
    throw cause
  } finally {
    objects.close()
  }
}
