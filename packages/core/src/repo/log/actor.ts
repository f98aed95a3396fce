/** Who acts, as a log names it: a name, or an object `{tool, model, profile, role}` of a later edition. */
import { isObject, type Json } from '@spec-kitty/contracts/json'

/** The name, which later editions put into a snapshot and show to people; empty where an object has none. */
export function actorName(actor: Json): string {
  if (!isObject(actor)) return typeof actor === 'string' ? actor : JSON.stringify(actor)
  return String(actor.tool || actor.role || '')
}

/** An object has no more of a name than its tool, so it is also whoever says more (`tool:model:profile:role`). */
export function isActor(holder: Json, name: string): boolean {
  return holder === name || (isObject(holder) && actorName(holder) === name.split(':')[0])
}
