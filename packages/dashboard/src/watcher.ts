/** From directories that changed to missions that did. */
import type { ChangeMessage } from '@spec-kitty/contracts/dashboard/session'
import type { Project } from '@spec-kitty/core/repo/project/locate'
import { join } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'
import { type DirectoryWatch, watchDirectories } from '@spec-kitty/host/watch'
import type { Store } from './store.ts'

type What = ChangeMessage['what'][number]

/** One command changes several files: what comes within this time is one message. */
const GATHER_MS = 20
/** Between two looks at what the system may not have told. */
const LOOK_MS = 1_000
const FOLDERS = ['contracts', 'checklists', 'research', 'decisions']

/** Calls `tell` with every change until it is closed; `tick` with every look. */
export function watchMissions(
  ports: Ports,
  project: Project,
  store: Store,
  tell: (message: ChangeMessage) => void,
  tick: () => void = () => {},
): { readonly close: () => void } {
  const home = join(project.root, 'kitty-specs')
  const pending = new Map<string | null, Set<What>>()
  const watches = new Map<string, DirectoryWatch>()
  const deaf = new Set<string>()
  let timer: NodeJS.Timeout | undefined

  const flush = (): void => {
    timer = undefined
    for (const [mission, what] of pending) tell({ mission, what: [...what], at: ports.clock.now() })
    pending.clear()
  }
  const changed = (slug: string | null, what: What): void => {
    store.touch(slug)
    pending.set(slug, (pending.get(slug) ?? new Set<What>()).add(what))
    timer ??= setTimeout(flush, GATHER_MS)
  }
  const listen = (slug: string): void => {
    const dir = join(home, slug)
    const own =
      watches.get(slug) ??
      watchDirectories((directory, name) => {
        changed(slug, whatOf(directory, dir, name))
        // A folder that came or went is to be watched from now on, or no more.
        if (name === undefined || !/\.\w+$/.test(name)) listen(slug)
      })
    watches.set(slug, own)
    if (own.set(directoriesOf(ports, dir)).length > 0) deaf.add(slug)
    else deaf.delete(slug)
  }
  const listenToAll = (): void => {
    const slugs = new Set(store.slugs())
    for (const [slug, watch] of watches) {
      if (slugs.has(slug)) continue
      watch.close()
      watches.delete(slug)
    }
    for (const slug of slugs) if (!watches.has(slug)) listen(slug)
  }
  const refs = join(project.commonDir, 'logs', 'refs', 'heads', 'kitty')
  const around = watchDirectories((directory, name) => {
    if (directory === home) {
      changed(null, 'state')
      listenToAll()
    } else if (directory === refs) {
      for (const slug of ownersOf(name, store.slugs())) changed(slug, 'lanes')
    } else if (name === 'config.yaml') changed(null, 'state')
  })
  const listenAround = () =>
    around.set(
      [home, refs, join(project.root, '.kittify')].filter(path => ports.files.stat(path) !== undefined),
    )
  listenToAll()
  listenAround()
  const looking = setInterval(() => {
    listenAround()
    for (const slug of store.look(deaf.size > 0)) {
      changed(slug, 'state')
      if (slug === null) listenToAll()
      else listen(slug)
    }
    tick()
  }, LOOK_MS)
  return {
    close: () => {
      clearInterval(looking)
      clearTimeout(timer)
      around.close()
      for (const watch of watches.values()) watch.close()
    },
  }
}

function directoriesOf({ files }: Pick<Ports, 'files'>, dir: string): readonly string[] {
  const tasks = join(dir, 'tasks')
  const isFolder = (path: string) => files.stat(path)?.kind === 'directory'
  const reviews = files.list(tasks).filter(name => !name.endsWith('.md'))
  return [
    dir,
    ...['tasks', ...FOLDERS].map(name => join(dir, name)),
    ...reviews.map(name => join(tasks, name)),
  ].filter(isFolder)
}

function whatOf(directory: string, dir: string, name: string | undefined): What {
  if (FOLDERS.some(folder => directory === join(dir, folder))) return 'documents'
  const document = directory === dir && name !== undefined && name.endsWith('.md') && name !== 'tasks.md'
  return document ? 'documents' : 'state'
}

/** The missions whose branch a name may be: `mission-<slug>-lane-a` belongs to the longest slug that fits. */
function ownersOf(name: string | undefined, slugs: readonly string[]): readonly string[] {
  if (name === undefined) return slugs
  const fitting = slugs.filter(slug => name.startsWith(`mission-${slug}-lane-`) || name === `mission-${slug}`)
  return fitting.sort((a, b) => b.length - a.length).slice(0, 1)
}
