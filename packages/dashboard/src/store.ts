/**
 * What is known of every mission, kept from one question to the next. A change makes one mission old, and only that one
 * is read again, when somebody asks.
 */
import type { MissionCard } from '@spec-kitty/contracts/dashboard/missions'
import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { missionCard } from '@spec-kitty/core/dashboard/cards'
import { followLog, type LiveLog } from '@spec-kitty/core/dashboard/live-log'
import { type Mission, missionAt, resolveMission } from '@spec-kitty/core/repo/mission/handle'
import { missionPaths } from '@spec-kitty/core/repo/mission/paths'
import type { Project } from '@spec-kitty/core/repo/project/locate'
import { join } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'

export interface Known {
  readonly mission: Mission
  readonly card: MissionCard
  /** The log, or why it cannot be read. */
  readonly log: LiveLog | KittyError
}

interface Entry {
  /** Grows with every change. */
  version: number
  /** Which version is known. */
  read: number
  known: Promise<Known> | undefined
  log: LiveLog | undefined
  print: string
}

export interface Store {
  readonly slugs: () => readonly string[]
  /** The directory that a handle names. Throws `mission_not_found` and its kin. */
  readonly slugOf: (handle: string) => string
  readonly known: (slug: string) => Promise<Known>
  /** All cards, in the order of the names. */
  readonly cards: () => Promise<readonly MissionCard[]>
  /** Tells one answer from a later one: of a mission, or of everything. */
  readonly version: (slug?: string) => number
  readonly touch: (slug: string | null) => void
  /** Looks at some of the missions; answers those that changed unheard. `all` where nothing is heard. */
  readonly look: (all: boolean) => readonly (string | null)[]
}

/** A tenth of the missions a look: a whole round in ten. */
const SLICE = 10

export function createStore(ports: Ports, project: Project): Store {
  const home = join(project.root, 'kitty-specs')
  const entries = new Map<string, Entry>()
  let version = 1
  let listing = ''
  let next = 0

  const list = (): void => {
    const names = ports.files
      .list(home)
      .filter(name => !name.startsWith('.') && ports.files.stat(join(home, name))?.kind === 'directory')
    const there = new Set(names)
    for (const slug of [...entries.keys()]) if (!there.has(slug)) entries.delete(slug)
    for (const slug of names)
      if (!entries.has(slug))
        entries.set(slug, { version: 1, read: 0, known: undefined, log: undefined, print: '' })
    listing = printOf(ports, [home])
  }
  list()

  const read = async (slug: string, entry: Entry): Promise<Known> => {
    const mission = missionAt(ports, project, slug)
    entry.print = printOf(ports, watchedFiles(mission))
    try {
      entry.log = await followLog(ports, project, mission, entry.log)
      return { mission, log: entry.log, card: missionCard(ports, mission, entry.log.reduction) }
    } catch (error) {
      if (!(error instanceof KittyError)) throw error
      entry.log = undefined
      return { mission, log: error, card: missionCard(ports, mission, undefined, error) }
    }
  }
  const known = (slug: string): Promise<Known> => {
    const entry = entries.get(slug)
    if (entry === undefined) return Promise.reject(gone(slug))
    if (entry.known === undefined || entry.read !== entry.version) {
      entry.read = entry.version
      // One after the other: both would go on from the same place in the log.
      entry.known = (entry.known ?? Promise.resolve()).catch(() => {}).then(() => read(slug, entry))
    }
    return entry.known
  }
  const slugs = (): readonly string[] => [...entries.keys()].sort(compareCodePoints)

  return {
    slugs,
    known,
    slugOf: handle => (entries.has(handle) ? handle : resolveMission(ports, project, handle).slug),
    cards: async () => {
      const cards: MissionCard[] = []
      for (const slug of slugs()) cards.push((await known(slug)).card)
      return cards
    },
    version: slug => (slug === undefined ? version : (entries.get(slug)?.version ?? 0)),
    touch: slug => {
      version += 1
      if (slug === null) list()
      const entry = slug === null ? undefined : entries.get(slug)
      if (entry !== undefined) entry.version += 1
    },
    look: all => {
      const names = slugs()
      const size = all ? names.length : Math.ceil(names.length / SLICE)
      const some = Array.from({ length: size }, (_, i) => names[(next + i) % names.length] ?? '')
      next = names.length === 0 ? 0 : (next + size) % names.length
      const changed = some.filter(slug => {
        const entry = entries.get(slug)
        const print = printOf(ports, watchedFiles({ dir: join(home, slug) }))
        if (entry === undefined || entry.print === '' || entry.print === print) return false
        entry.print = print
        return true
      })
      return listing === printOf(ports, [home]) ? changed : [null, ...changed]
    },
  }
}

function watchedFiles(mission: Pick<Mission, 'dir'>): readonly string[] {
  const { log, meta, tasksFile, tasksDir, lanes } = missionPaths(mission)
  return [mission.dir, log, meta, tasksFile, tasksDir, lanes, join(mission.dir, 'decisions')]
}

function printOf({ files }: Pick<Ports, 'files'>, paths: readonly string[]): string {
  return paths
    .map(path => {
      const stat = files.stat(path)
      return stat === undefined ? '-' : `${stat.mtimeMs}/${stat.size}/${stat.id}`
    })
    .join(' ')
}

function gone(slug: string): KittyError {
  return new KittyError('mission_not_found', `No mission is called '${slug}'`)
}
