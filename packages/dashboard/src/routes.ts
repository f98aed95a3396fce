/** From paths to answers: every view from the flows of the commands, every act through them. */

import type { Session } from '@spec-kitty/contracts/dashboard/session'
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Actor, mergeFromPage, PACKAGE_ACTS } from '@spec-kitty/core/dashboard/act'
import { missionCards } from '@spec-kitty/core/dashboard/cards'
import { readDocument } from '@spec-kitty/core/dashboard/documents'
import {
  artifactText,
  charterText,
  type DocumentFolder,
  feature,
  featureList,
  folderList,
  kanban,
} from '@spec-kitty/core/dashboard/legacy'
import type { LiveLog } from '@spec-kitty/core/dashboard/live-log'
import { missionDetail } from '@spec-kitty/core/dashboard/mission'
import { laneTruths, packageDetail, packageDiff } from '@spec-kitty/core/dashboard/package'
import { timelineOf } from '@spec-kitty/core/dashboard/timeline'
import { mergeMission } from '@spec-kitty/core/merge/merge'
import type { Project } from '@spec-kitty/core/repo/project/locate'
import { basename } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'
import { stayingPorts } from '@spec-kitty/host/kept'
import { createStore, type Known, type Store } from './store.ts'

export interface Site {
  /** Those of who stays. */
  readonly ports: Ports
  /** What changes something reads everything anew. */
  readonly acting: Ports
  readonly project: Project
  readonly store: Store
  readonly actor: Actor
}

/** Where it was started, it stays: an answer never depends on where somebody's terminal stands. */
export function siteOf(ports: Ports, project: Project, actor: Actor): Site {
  const staying = stayingPorts(ports, project.root)
  const acting = { ...ports, env: staying.env, note: staying.note }
  return { ports: staying, acting, project, store: createStore(staying, project), actor }
}

export interface Found {
  readonly value: unknown
  /** Stays the same while the answer does; undefined where git or the clock has a say. */
  readonly tag?: string
  /** The value is the bytes of a text, no JSON. */
  readonly text?: true
}

type Query = URLSearchParams
/** The bytes of an earlier answer with this tag. */
type Kept = (tag: string) => Buffer | undefined
type View = (
  site: Site,
  names: readonly string[],
  query: Query,
  kept: Kept,
) => Promise<Found | undefined> | Found | undefined

/** Letters of a path as they are sent; `:x` takes one segment. */
const VIEWS: readonly (readonly [RegExp, View])[] = [
  [
    /^\/api\/v2\/missions$/,
    (site, _names, _query, kept) =>
      remembered(tag(site), kept, async () => missionCards(await site.store.cards())),
  ],
  [/^\/api\/v2\/missions\/([^/]+)$/, (site, names, _, kept) => ofMission(site, names, kept, detail)],
  [
    /^\/api\/v2\/missions\/([^/]+)\/log$/,
    (site, names, query, kept) =>
      ofMission(site, names, kept, (_, { mission, log }) =>
        timelineOf(mission.slug, log, { before: count(query, 'before'), limit: count(query, 'limit') }),
      ),
  ],
  [
    /^\/api\/v2\/missions\/([^/]+)\/lanes$/,
    async (site, names) => {
      const { mission } = await known(site, names[0])
      return { value: await laneTruths(site.ports, site.project, mission) }
    },
  ],
  [
    /^\/api\/v2\/missions\/([^/]+)\/merge$/,
    async (site, names) => {
      const { mission } = await known(site, names[0])
      return {
        value: await mergeMission(site.ports, {
          mission: mission.slug,
          version: site.actor.version,
          dryRun: true,
        }),
      }
    },
  ],
  [
    /^\/api\/v2\/missions\/([^/]+)\/documents\/([^/]+)$/,
    async (site, names) => {
      const { mission } = await known(site, names[0])
      return { value: readDocument(site.ports, mission, names[1] ?? ''), tag: tag(site, mission.slug) }
    },
  ],
  [
    /^\/api\/v2\/packages\/([^/]+)\/([^/]+)$/,
    async (site, names) => {
      const { mission, log } = await readable(site, names[0])
      return { value: await packageDetail(site.ports, site.project, mission, log, names[1] ?? '') }
    },
  ],
  [
    /^\/api\/v2\/packages\/([^/]+)\/([^/]+)\/diff$/,
    async (site, names, query) => {
      const { mission } = await known(site, names[0])
      const path = query.get('path') ?? undefined
      return { value: await packageDiff(site.ports, site.project, mission, names[1] ?? '', path) }
    },
  ],
  [/^\/api\/features$/, site => features(site)],
  [
    /^\/api\/kanban\/([^/]+)$/,
    (site, names, _, kept) =>
      ofMission(site, names, kept, ({ ports, project }, { mission, log }) =>
        kanban(ports, project, mission, log.reduction),
      ),
  ],
  [
    /^\/api\/(research|contracts|checklists)\/([^/]+)$/,
    async (site, [folder, dir]) => {
      const { mission } = await known(site, dir)
      return { value: folderList(site.ports, mission, folder as DocumentFolder) }
    },
  ],
  [
    /^\/api\/(?:artifact|research|contracts|checklists)\/([^/]+)\/([^/]+)$/,
    async (site, [dir, word]) => {
      const { mission } = await known(site, dir)
      return plain(artifactText(site.ports, mission, word ?? ''))
    },
  ],
  [/^\/api\/charter$/, ({ ports, project }) => plain(charterText(ports, project))],
]

/** A text, as 3.2.0 sends it. */
function plain(text: string | undefined): Found | undefined {
  return text === undefined ? undefined : { value: Buffer.from(text), text: true }
}

/** Undefined where the path is no view. Throws what the flow refuses with. */
export async function view(site: Site, path: string, query: Query, kept: Kept): Promise<Found | undefined> {
  for (const [pattern, answer] of VIEWS) {
    const match = pattern.exec(path)
    if (match !== null) return await answer(site, match.slice(1).map(decode), query, kept)
  }
  return undefined
}

/** What a POST does; undefined where the path is none. */
export async function act(site: Site, path: string, body: unknown): Promise<unknown> {
  const { acting: ports, actor } = site
  const [, mission, wp, word] =
    /^\/api\/v2\/packages\/([^/]+)\/([^/]+)\/([\w-]+)$/.exec(path)?.map(decode) ?? []
  if (mission !== undefined && wp !== undefined && word !== undefined && Object.hasOwn(PACKAGE_ACTS, word))
    return await PACKAGE_ACTS[word]?.(ports, actor, { mission, wp }, body)
  const [, merged] = /^\/api\/v2\/missions\/([^/]+)\/merge$/.exec(path)?.map(decode) ?? []
  return merged === undefined ? undefined : await mergeFromPage(ports, actor, merged, body)
}

/** Who asks, and what may be done here. `allowed`: this browser was let in. */
export function session(
  { project, ports, actor }: Site,
  readOnly: boolean,
  allowed: boolean,
  requestToken: string,
): Session {
  const reason = readOnly
    ? 'Started with --read-only.'
    : 'This browser was not let in: open the address that `spec-kitty dashboard` prints.'
  const acts = allowed && !readOnly
  return {
    version: actor.version,
    project: {
      name: basename(project.root),
      path: project.root,
      branch: ports.git.head(project.top).branch,
    },
    read_only: !acts,
    read_only_reason: acts ? null : reason,
    request_token: acts ? requestToken : null,
    actor: actor.user,
  }
}

type Readable = Known & { readonly log: LiveLog }

async function known({ store }: Site, handle = ''): Promise<Known> {
  return await store.known(store.slugOf(handle))
}

/** Throws why its log cannot be read. */
async function readable(site: Site, handle = ''): Promise<Readable> {
  const { log, ...rest } = await known(site, handle)
  if (log instanceof KittyError) throw log
  return { ...rest, log }
}

async function ofMission(
  site: Site,
  [handle]: readonly string[],
  kept: Kept,
  make: (site: Site, about: Readable) => unknown,
): Promise<Found> {
  const slug = site.store.slugOf(handle ?? '')
  return await remembered(tag(site, slug), kept, async () => await make(site, await readable(site, slug)))
}

/** The tag is taken before reading: what changes meanwhile has another. */
async function remembered(tag: string, kept: Kept, make: () => Promise<unknown>): Promise<Found> {
  return { value: kept(tag) ?? (await make()), tag }
}

function detail({ ports, project }: Site, { mission, log }: Readable) {
  return missionDetail(ports, project, mission, log)
}

async function features({ ports, project, store }: Site): Promise<Found> {
  const rows = []
  for (const slug of store.slugs()) {
    const { mission, log } = await store.known(slug)
    rows.push(feature(ports, project, mission, log instanceof KittyError ? undefined : log.reduction))
  }
  return { value: featureList(project, rows) }
}

/** The board tells ages in minutes: an answer is the same for as long as they are. */
function tag({ store, ports }: Site, slug?: string): string {
  return `${store.version(slug)}-${ports.clock.now().slice(0, 16)}`
}

function count(query: Query, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new KittyError('usage', `${name}=${text} is no number`)
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new KittyError('usage', `The address holds what is no text: ${segment}`)
  }
}
