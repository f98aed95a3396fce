/** The three ways in which tasks.md names a subtask (docs/formats.md): checkbox rows, pipe rows, `Subtasks:`. */

export type TaskState = 'done' | 'pending'

/** An id ends where nothing follows that would make it a longer one: `T003` is not in `T003-foo`, `T0031`, `T003.5`. */
const ID = '[A-Za-z]+\\d+(?![\\w]|-\\w|\\.\\d)'
const DECORATION = '[*_`~]*\\[?[*_`~]*'
const CHECKBOX = new RegExp(`^((?:\\s|>)*(?:[-*+]|\\d+[.)])\\s*\\[)([ xX])\\]\\s*${DECORATION}(${ID})`)

export interface CheckboxRow {
  /** Upper case. */
  readonly id: string
  readonly state: TaskState
  /** Offset of the character between the brackets. */
  readonly mark: number
}

/** `- [ ] T001 …`, with any bullet, any indentation, emphasis around the id. */
export function readCheckbox(text: string): CheckboxRow | undefined {
  if (!text.includes('[')) return undefined
  const match = CHECKBOX.exec(text)
  if (match === null) return undefined
  return {
    id: (match[3] ?? '').toUpperCase(),
    state: match[2] === ' ' ? 'pending' : 'done',
    mark: match[1]?.length ?? 0,
  }
}

/** The line with the character at `mark` set to the state. */
export function setMark(text: string, mark: number, state: TaskState): string {
  return text.slice(0, mark) + (state === 'done' ? 'x' : ' ') + text.slice(mark + 1)
}

export interface InlineReference {
  /** The box that stands before the id on the same line, if any. */
  readonly box: { readonly state: TaskState; readonly mark: number } | undefined
}

const INLINE_LABEL = /(?:^|[^\w])subtasks?[*_]*\s*:[*_]*\s*/i
const INLINE_ITEM =
  /(?:[-*+]\s*)?(?:\[([ xX])\]\s*)?[*_`[]*([A-Za-z]+)(\d+)(?!\w|-(?![A-Za-z]*\d+(?!\w))\w|\.\d)[*_`\]]*(?:\s*(?:–|-|\.{2,3}|through|to)\s*[*_`[]*[A-Za-z]*(\d+)(?!\w)[*_`\]]*)?(?:\s*\([^)]*\))?/y

/** How a `Subtasks: T001, T003-T005` line names `id` (upper case); undefined when it does not. */
export function readInline(text: string, id: string): InlineReference | undefined {
  const label = INLINE_LABEL.exec(text)
  const wanted = /^([A-Z]+)(\d+)$/.exec(id)
  if (label === null || wanted === null) return undefined
  for (let at = label.index + label[0].length; ; ) {
    INLINE_ITEM.lastIndex = at
    const item = INLINE_ITEM.exec(text)
    if (item === null) return undefined
    if (item[2]?.toUpperCase() === wanted[1] && within(wanted[2] ?? '', item[3] ?? '', item[4])) {
      const box = item[1]
      if (box === undefined) return { box: undefined }
      return { box: { state: box === ' ' ? 'pending' : 'done', mark: at + item[0].indexOf('[') + 1 } }
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
