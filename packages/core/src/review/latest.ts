/** The newest review of a work package, as an implementer or the next reviewer wants to read it. */
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import type { Ports } from '../ports.ts'
import { bodyOf, readFrontMatter } from '../tasks/front-matter.ts'
import { join } from '../text/paths.ts'

export interface Review {
  /** Number in the file's name: the highest is the newest. */
  readonly cycle: number
  /** Absolute. */
  readonly path: string
  readonly verdict: string
  readonly text: string
}

/** `tasks/<stem>/review-cycle-N.md` with the highest N; undefined before the first review. Throws `file_malformed`. */
export async function latestReview(
  ports: Pick<Ports, 'files' | 'yaml'>,
  mission: Pick<Mission, 'dir'>,
  stem: string,
): Promise<Review | undefined> {
  const directory = join(missionPaths(mission).tasksDir, stem)
  const cycles = ports.files.list(directory).flatMap(name => {
    const cycle = /^review-cycle-(\d+)\.md$/.exec(name)?.[1]
    return cycle === undefined ? [] : [{ cycle: Number(cycle), path: join(directory, name) }]
  })
  const newest = cycles.toSorted((a, b) => b.cycle - a.cycle)[0]
  if (newest === undefined) return undefined
  const file = await readFrontMatter(ports, newest.path, ports.files.text(newest.path) ?? '')
  return { ...newest, verdict: String(file.fields.verdict ?? ''), text: bodyOf(file).trim() }
}
