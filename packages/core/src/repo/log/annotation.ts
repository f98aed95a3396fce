/**
 * Rows that move nothing and say who has a package, or what is ticked. Each names itself twice: later editions look
 * at `kind` first and apply `delta`, 3.2.0 sees `event_type` and passes over the row.
 */
import type { NewTransition } from '@spec-kitty/contracts/files/events'
import { isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { continueReduction, type Reduction, SETTLED } from './reduce.ts'
import { allSlots } from './slots.ts'
import type { Stamp } from './transition.ts'

type Delta = { readonly [key: string]: Json }

interface Owner {
  readonly slug: string
  readonly id: string | null
}

/** The row that tells this of a package; none where there is nothing to tell. */
export function annotationRows(
  owner: Owner,
  wpId: string,
  actor: string,
  delta: Delta,
  stamp: Stamp,
): readonly JsonObject[] {
  if (Object.keys(delta).length === 0) return []
  return [
    {
      actor,
      at: stamp.at,
      delta,
      event_id: stamp.id,
      event_type: 'InnerStateChanged',
      kind: 'annotation',
      ...(owner.id === null ? {} : { mission_id: owner.id }),
      mission_slug: owner.slug,
      wp_id: wpId,
    },
  ]
}

/** Who has a package, as its front matter says: in the words of the log. */
export function holderOf({ agent, shell_pid: pid }: JsonObject): { readonly [key: string]: Json } {
  const name = typeof agent === 'string' ? agent.trim() : ''
  const digits = typeof pid === 'string' || typeof pid === 'number' ? String(pid).trim() : ''
  return {
    ...(name === '' ? {} : { agent: name }),
    ...(/^\d{1,15}$/.test(digits) ? { shell_pid: Number(digits) } : {}),
  }
}

/**
 * What the log must be told so that it names the holder whom the front matter names, after these events; nothing where
 * it does. Where the two differ, later editions write a claim of their own behind what has happened since.
 */
export function holderNews(
  reduction: Reduction,
  events: readonly NewTransition[],
  wp: { readonly id: string; readonly fields: JsonObject },
  said: { readonly role?: string; readonly shell_pid_created_at?: string } = {},
): Delta {
  const told = allSlots(continueReduction(reduction, events) ?? reduction, undefined).get(wp.id) ?? {}
  const holder = holderOf(wp.fields)
  const isNew = Object.entries(holder).some(([key, value]) => told[key] !== value)
  return isNew ? { ...holder, ...said } : {}
}

/**
 * What is ticked of a package, for later editions, which look for it only here; nothing where the log says so. What is not
 * done is `planned`: they take a tick for a lane, and a log with any other word for a corrupt one.
 */
export function tickNews(
  reduction: Reduction,
  wpId: string,
  tasks: readonly { readonly id: string | undefined; readonly done: boolean }[],
): Delta {
  const said = allSlots(reduction, undefined).get(wpId)?.subtasks
  const news = tasks.flatMap(({ id, done }) => {
    if (id === undefined) return []
    const before = (isObject(said) ? said[id] : undefined) ?? 'planned'
    return SETTLED.has(before) === done ? [] : [[id, done ? 'done' : 'planned'] as const]
  })
  return news.length === 0 ? {} : { subtasks: Object.fromEntries(news) }
}
