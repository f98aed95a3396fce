/** Every answer that the page of `--out` can show, by the path it would ask for. */
import type { Snapshot } from '@spec-kitty/contracts/dashboard/session'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Site } from './routes.ts'
import { session, view } from './routes.ts'

/** Events of a mission at most: a file is to be opened by people. */
const EVENTS = 2_000

/** Open missions whole, finished ones in the list. `mission`: only that one. */
export async function takeSnapshot(site: Site, mission?: string): Promise<Snapshot> {
  const answers: Record<string, Snapshot['answers'][string]> = {}
  const take = async (path: string, query = ''): Promise<unknown> => {
    try {
      const found = await view(site, `/api/v2${path}`, new URLSearchParams(query), () => undefined)
      if (found !== undefined) answers[path] = found.value as Snapshot['answers'][string]
      return found?.value
    } catch (error) {
      // What cannot be read now is missing in the file, as it would be refused by a server.
      if (error instanceof KittyError) return undefined
      throw error
    }
  }
  await take('/missions')
  const cards = await site.store.cards()
  const wanted = mission === undefined ? undefined : site.store.slugOf(mission)
  for (const { mission_slug: slug, landing } of cards) {
    if (wanted === undefined ? landing === 'merged' || landing === 'closed' : slug !== wanted) continue
    const detail = (await take(`/missions/${slug}`)) as Detail | undefined
    await take(`/missions/${slug}/log`, `limit=${EVENTS}`)
    await take(`/missions/${slug}/merge`)
    for (const { name } of detail?.documents ?? [])
      await take(`/missions/${slug}/documents/${encodeURIComponent(name)}`)
    for (const { id } of detail?.packages ?? []) {
      await take(`/packages/${slug}/${id}`)
      await take(`/packages/${slug}/${id}/diff`)
    }
  }
  return { session: session(site, true, false, ''), taken_at: site.ports.clock.now(), answers }
}

interface Detail {
  readonly documents: readonly { readonly name: string }[]
  readonly packages: readonly { readonly id: string }[]
}
