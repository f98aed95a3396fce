/** What lies where the directory of a file was that git follows: no stash gets past it. */
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { dirname, join } from '../../text/paths.ts'
import type { Files, StatusEntry } from '../../world/ports.ts'

/** Moves each of them out of the way, to a free name beside it. */
export function uncover(
  files: Pick<Files, 'stat'>,
  place: string,
  entries: readonly StatusEntry[],
): readonly Remedy[] {
  const found = entries
    .filter(({ code }) => code.includes('D') || code.includes('R'))
    .flatMap(({ path, from }) => covers(files, place, from ?? path))
  return [...new Set(found)].map(path => {
    const at = join(place, path)
    return sh`mv ${at} ${freeName(files, at)}`
  })
}

function covers(files: Pick<Files, 'stat'>, place: string, path: string): readonly string[] {
  const above: string[] = []
  for (let at = dirname(path); at !== '.' && at !== ''; at = dirname(at)) above.unshift(at)
  const first = above.find(at => !['directory', undefined].includes(files.stat(join(place, at))?.kind))
  return first === undefined ? [] : [first]
}

/** A name beside a file that nothing has: `x.mine`, `x.mine-2` … */
export function freeName(files: Pick<Files, 'stat'>, path: string): string {
  const names = Array.from({ length: 99 }, (_, i) => `${path}.mine${i === 0 ? '' : `-${i + 1}`}`)
  return names.find(name => files.stat(name) === undefined) ?? `${path}.mine`
}
