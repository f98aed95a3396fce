/**
 * Two clones that did not know of each other's landing may have given one number twice. The next landing by pull request
 * carries the correction: the mission that was made later gets another number. Numbers that came with the name of a
 * folder (`012-demo`) are left as they are.
 */
import { isUlid, type Sha } from '@spec-kitty/contracts/ids'
import { compareCodePoints, parseObject } from '@spec-kitty/contracts/json'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { editJson } from '../text/json-edit.ts'
import { dirname } from '../text/paths.ts'
import type { Objects, TreeEdit } from '../world/ports.ts'

export interface Renumbering {
  readonly slug: string
  readonly from: number
  readonly to: number
}

interface Numbered {
  readonly slug: string
  readonly id: string
  readonly number: number
}

/** The number of this mission, and what others get. `own`: the number it would have, null for none. */
export async function renumber(
  objects: Objects,
  target: Sha,
  mission: Pick<Mission, 'slug' | 'rel'>,
  own: number | null,
): Promise<{ readonly number: number | null; readonly others: readonly Renumbering[] }> {
  const found = await numberedOn(objects, target, dirname(mission.rel))
  const before = found.find(({ slug }) => slug === mission.slug)?.number ?? own
  let highest = Math.max(0, before ?? 0, ...found.map(({ number }) => number))
  const seen = new Set<number>()
  const moved: Renumbering[] = []
  for (const { slug, number: from } of found) {
    if (seen.has(from)) moved.push({ slug, from, to: ++highest })
    seen.add(from)
  }
  return {
    number: moved.find(({ slug }) => slug === mission.slug)?.to ?? before,
    others: moved.filter(({ slug }) => slug !== mission.slug),
  }
}

/** In the order in which they were made. */
async function numberedOn(objects: Objects, target: Sha, specs: string): Promise<readonly Numbered[]> {
  const slugs = (await objects.list(target, specs)).filter(slug => !/^\d{3}-/.test(slug))
  const metas = await objects.blobs(slugs.map(slug => `${target}:${specs}/${slug}/meta.json`))
  return slugs
    .flatMap((slug, i): Numbered[] => {
      const { mission_id: id, mission_number: number } = parseObject(decode(metas[i])) ?? {}
      return typeof id === 'string' && isUlid(id) && typeof number === 'number' ? [{ slug, id, number }] : []
    })
    .toSorted((a, b) => compareCodePoints(a.id, b.id))
}

/** The files in which a mission's number stands. */
export async function renumberEdits(
  objects: Objects,
  target: Sha,
  specs: string,
  moved: readonly Renumbering[],
): Promise<readonly TreeEdit[]> {
  const edits = moved.map(async ({ slug, to }): Promise<readonly TreeEdit[]> => {
    const { meta, snapshot } = missionPaths({ dir: `${specs}/${slug}` })
    const [text, status] = await objects.blobs([`${target}:${meta}`, `${target}:${snapshot}`])
    const put = (path: string, old: Uint8Array | undefined, number: number | string): readonly TreeEdit[] =>
      parseObject(decode(old)) === undefined
        ? []
        : [{ path, blob: objects.write(encode(editJson(decode(old), { mission_number: number })), target) }]
    return [...put(meta, text, to), ...put(snapshot, status, String(to))]
  })
  return (await Promise.all(edits)).flat()
}

function decode(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : new TextDecoder().decode(bytes)
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
