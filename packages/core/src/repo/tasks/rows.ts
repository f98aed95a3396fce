/** The three ways in which tasks.md names a subtask: checkbox rows, pipe rows, `Subtasks:`. */
import type { TasksLine } from './document.ts'

export type TaskState = 'done' | 'pending'

/** The whole id, with what may follow its number: `T001`, `T001a`, `T019-A`, `T1.2`, `TASK-1`, `WP01-T1`. */
export const TASK_ID = '[A-Za-z]+-?\\d+[A-Za-z]*(?:[-._][A-Za-z0-9]+)*'
/** The id behind a box; before it what the task is for, `Task`, emphasis, a bracket. */
const ID = `(?:(?:\\s*\\[(?:[Pp]\\d*|[Uu][Ss]-?\\d+|[Ww][Pp]\\d+)\\]){0,4}\\s*(?:[Tt][Aa][Ss][Kk]\\s+)?[*_\`~([#]*(${TASK_ID}))?`
/** Signs of a list, as many as stand before it; `[P]` between them and the box. */
const LIST = '(?:(?:[-*+]|\\d{1,9}[.)])\\s+){0,5}(?:[-*+]|\\d{1,9}[.)])\\s*(?:\\[P\\d*\\]\\s*)?'
const BOX = new RegExp(`^([\\s>]*(${LIST})?\\[)(\\s*|[^\\s\\]]{1,2})\\](?![([:])${ID}`)
/** What stands in a box beside a blank or an x. Apart from it: the classes of Unicode take long to set up, and few need them. */
const SIGN = /^[^\p{L}\p{N}]$/u
/** A letter that says something else than done; `[P]` is no box. */
const LETTER = /^[A-OQ-Wa-oq-wYyZz]$/
/** A box drawn as one sign: open, or done. */
const DRAWN = /^[\s>*+\-\d.)]*([☐☑⬜✅🔲])\uFE0F?/u
const TICKED: Readonly<Record<string, string>> = { '☐': '☑', '⬜': '✅', '🔲': '✅' }
const MAY_HOLD_BOX = /[[☐☑⬜✅]|🔲/

/** The place between the brackets of a box. */
export interface Box {
  readonly state: TaskState
  readonly start: number
  readonly end: number
}

export interface CheckboxRow extends Box {
  /** Upper case; undefined for a box that names no task. */
  readonly id: string | undefined
}

/**
 * `- [ ] T001 …`, with any bullet, any indentation, emphasis around the id; `☐ T001` as well. What is not `[x]` is not
 * done.
 */
export function readCheckbox(text: string): CheckboxRow | undefined {
  if (!MAY_HOLD_BOX.test(text)) return undefined
  const match = BOX.exec(text)
  if (match === null) return readDrawn(text)
  const start = match[1]?.length ?? 0
  const bullet = match[2]
  const inside = match[3] ?? ''
  const id = match[4]?.toUpperCase()
  const end = start + inside.length
  if (inside === 'x' || inside === 'X') return { id, state: 'done', start, end }
  // Without a sign of a list it is one only where nothing else is meant.
  const open = inside.trim() === '' ? bullet !== undefined || inside === ' ' : isSign(inside, bullet, id)
  return open ? { id, state: 'pending', start, end } : undefined
}

/** Tags of HTML, and what stands between them. */
const TAGS = /^(?:[\s>]*<[^<>]*>)+\s*/

/** The box of a line of a page; in HTML behind the tags. */
export function readBox({ text, hidden }: Pick<TasksLine, 'text' | 'hidden'>): CheckboxRow | undefined {
  if (hidden !== 'html') return hidden ? undefined : readCheckbox(text)
  const skip = TAGS.exec(text)?.[0].length ?? 0
  const box = readCheckbox(text.slice(skip))
  return box && { ...box, start: box.start + skip, end: box.end + skip }
}

function isSign(inside: string, bullet: string | undefined, id: string | undefined): boolean {
  if (bullet === undefined) return false
  return LETTER.test(inside) ? id !== undefined : SIGN.test(inside)
}

function readDrawn(text: string): CheckboxRow | undefined {
  const match = DRAWN.exec(text)
  const sign = match?.[1]
  if (match === null || sign === undefined) return undefined
  const id = BOX.exec(`[ ] ${text.slice(match[0].length)}`)?.[4]?.toUpperCase()
  // The others stand before prose as well.
  if (id === undefined && sign !== '☐') return undefined
  const start = text.indexOf(sign)
  return { id, state: sign in TICKED ? 'pending' : 'done', start, end: start + sign.length }
}

/** The line with the box set to the state. */
export function setMark(text: string, box: Box, state: TaskState): string {
  const was = text.slice(box.start, box.end)
  const ticked = TICKED[was] ?? Object.values(TICKED).find(sign => sign === was)
  const drawn = state === 'done' ? ticked : Object.keys(TICKED).find(sign => TICKED[sign] === ticked)
  return (
    text.slice(0, box.start) +
    (ticked === undefined ? (state === 'done' ? 'x' : ' ') : drawn) +
    text.slice(box.end)
  )
}

export interface InlineReference {
  /** The box that stands before the id on the same line, if any. */
  readonly box: Box | undefined
}

const INLINE_LABEL = /(?:^|[^\w])subtasks?[*_]*\s*:[*_]*\s*/i
const INLINE_ITEM =
  /(?:[-*+]\s*)?(?:\[([ xX])\]\s*)?[*_`[]*([A-Za-z]+)(\d+[A-Za-z]?(?:\.\d+)*)(?!\w|-(?![A-Za-z]*\d+(?!\w))\w)[*_`\]]*(?:\s*(?:–|-|\.{2,3}|through|to)\s*[*_`[]*[A-Za-z]*(\d+)(?!\w)[*_`\]]*)?(?:\s*\([^)]*\))?/y

/** How a `Subtasks: T001, T003-T005` line names `id` (upper case); undefined when it does not. */
export function readInline(text: string, id: string): InlineReference | undefined {
  const label = INLINE_LABEL.exec(text)
  const wanted = /^([A-Z]+)(\d+[A-Z]?(?:\.\d+)*)$/.exec(id)
  if (label === null || wanted === null) return undefined
  for (let at = label.index + label[0].length; ; ) {
    INLINE_ITEM.lastIndex = at
    const item = INLINE_ITEM.exec(text)
    if (item === null) return undefined
    if (
      item[2]?.toUpperCase() === wanted[1] &&
      within(wanted[2] ?? '', (item[3] ?? '').toUpperCase(), item[4])
    ) {
      const box = item[1]
      if (box === undefined) return { box: undefined }
      const start = at + item[0].indexOf('[') + 1
      return { box: { state: box === ' ' ? 'pending' : 'done', start, end: start + 1 } }
    }
    const separator = /^\s*(?:[,;·•|+&]|and\b)\s*(?:and\s+)?/.exec(text.slice(at + item[0].length))
    if (separator === null) return undefined
    at += item[0].length + separator[0].length
  }
}

/** Ids with another number of digits are other ids: `T01` is not `T001`. */
function within(digits: string, first: string, last: string | undefined): boolean {
  if (last === undefined) return digits === first
  return digits.length === first.length && Number(digits) >= Number(first) && Number(digits) <= Number(last)
}
