/** The journal of a merge in progress, in the git directory (contracts/files/merge-state.ts). */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { MergeState } from '@spec-kitty/contracts/files/merge-state'
import { isObject, type JsonObject, parseJson, printOrdered } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { Project } from '../repo/project/locate.ts'
import { basename, dirname, join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'

export function journalPath(project: Pick<Project, 'commonDir'>, slug: string): string {
  return join(project.commonDir, 'spec-kitty-merge', `${slug}.json`)
}

/** The journal of a mission's merge, undefined when none is under way. Throws `file_malformed`. */
export function readJournal(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'commonDir'>,
  slug: string,
): MergeState | undefined {
  const path = journalPath(project, slug)
  const text = ports.files.text(path)
  if (text === undefined) return undefined
  try {
    const value: unknown = parseJson(text)
    // We wrote it atomically ourselves: the version says that every other key is as the schema has it.
    if (isObject(value) && value.version === 1 && isObject(value.options))
      return value as unknown as MergeState
  } catch {
    // Reported below, like any other content that is no journal.
  }
  throw new KittyError('file_malformed', `The merge journal ${path} cannot be read`, {
    hint: sh`If no merge of this mission is under way: rm ${path}`,
    data: { path },
  })
}

/**
 * Refuses to write to a mission whose merge was interrupted half-way: its branch may have moved already while the files
 * have not, and a commit now would take the merge back. Throws `merge_in_progress`.
 */
export function refuseDuringMerge(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'commonDir'>,
  slug: string,
): void {
  const journal = readJournal(ports, project, slug)
  if (!journal?.plan) return
  const way = journal.phase === 'aborting' ? '--abort' : '--resume'
  throw new KittyError('merge_in_progress', `A merge of ${slug} was interrupted`, {
    hint: sh`spec-kitty merge ${way} --mission ${slug}`,
    data: { mission_slug: slug },
  })
}

export function writeJournal(project: Pick<Project, 'commonDir'>, state: MergeState): Change {
  const content = printOrdered(state as unknown as JsonObject)
  return { kind: 'write_file', path: journalPath(project, state.mission_slug), content }
}

/** The journal goes last, with whatever killed runs left beside it and beside the files that were carried along. */
export function deleteJournal(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'commonDir'>,
  slug: string,
  carried: readonly string[] = [],
): readonly Change[] {
  const path = journalPath(project, slug)
  return [...sweep(ports, [...carried, path]), { kind: 'delete_file', path }]
}

/** Temporary files that a killed run left beside these files (host/write.ts names them after the file). */
function sweep(ports: Pick<Ports, 'files'>, paths: readonly string[]): readonly Change[] {
  return paths.flatMap(path => {
    const own = `.${basename(path)}.`
    return ports.files
      .list(dirname(path))
      .filter(name => name.startsWith(own) && /^\d+\.\d+\.tmp$/.test(name.slice(own.length)))
      .map((name): Change => ({ kind: 'delete_file', path: join(dirname(path), name) }))
  })
}

/** Slugs of all missions that have a journal. */
export function listJournals(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'commonDir'>,
): readonly string[] {
  return ports.files
    .list(join(project.commonDir, 'spec-kitty-merge'))
    .filter(name => name.endsWith('.json') && !name.startsWith('.'))
    .map(name => name.slice(0, -'.json'.length))
}
