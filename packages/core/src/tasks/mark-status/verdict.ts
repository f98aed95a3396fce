/**
 * What a strategy answers about one id. The types keep the promise of the stack (ADR 0008): a text strategy gets the
 * document and can answer only with another document; the work package strategy gets the log and can answer only
 * with an event.
 */
import type { NewTransition } from '@spec-kitty/contracts/files/events'
import type { TasksDocument } from '../../repo/tasks/document.ts'
import type { TaskState } from '../../repo/tasks/rows.ts'

/** Undefined: this strategy does not know the id. */
export type TextStrategy = (document: TasksDocument, id: string, state: TaskState) => TextVerdict | undefined

export type TextVerdict =
  | { readonly kind: 'edit'; readonly document: TasksDocument; readonly message: string }
  | { readonly kind: 'satisfied'; readonly message: string }

export type WpVerdict =
  | { readonly kind: 'transition'; readonly event: NewTransition; readonly message: string }
  | { readonly kind: 'satisfied'; readonly message: string }
  | { readonly kind: 'refused'; readonly message: string }

export function alreadyIs(id: string, state: TaskState): TextVerdict {
  return { kind: 'satisfied', message: `${id} is already ${state}.` }
}
