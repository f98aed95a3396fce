/** Reads a task list of either tool: headings with boxes below them. Everything that is not understood is kept. Pure. */
import { withoutEnd } from '../text/trim.ts'

export interface Task {
  readonly line: number
  /** What stands before the text: `T001`, `1.2`; undefined: no id. */
  readonly id: string | undefined
  readonly text: string
  readonly done: boolean
  /** What is in the box when it is neither empty nor ticked. */
  readonly odd: string | undefined
}

export interface Group {
  readonly line: number
  /** Words of the heading; undefined: tasks before the first one. */
  readonly heading: string | undefined
  readonly tasks: readonly Task[]
  /** Lines of the section without its heading, each with its number. */
  readonly lines: readonly { readonly line: number; readonly text: string; readonly task: boolean }[]
}

const BOX = /^\s*[-*+]\s+\[([ xX~\-/]{0,3})\](?!\()\s+(\S.*)$/
const ID = /^(T\d+[a-z]?|\d+(?:\.\d+)+)(?:\s*[:.)])?\s+(\S.*)$/i

/** The sections of a list, tasks or not, in its order. Code blocks hold no tasks and no headings. */
export function readGroups(text: string): readonly Group[] {
  const groups: {
    line: number
    heading: string | undefined
    tasks: Task[]
    lines: Group['lines'][number][]
  }[] = [{ line: 1, heading: undefined, tasks: [], lines: [] }]
  let fence: string | undefined
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const words = raw.replace(/\r$/, '')
    const line = index + 1
    const mark = /^\s*(```|~~~)/.exec(words)?.[1]
    if (mark !== undefined && (fence === undefined || fence === mark))
      fence = fence === undefined ? mark : undefined
    const heading = fence === undefined ? readHeading(words) : undefined
    if (heading !== undefined) groups.push({ line, heading, tasks: [], lines: [] })
    const group = groups.at(-1)
    if (heading !== undefined || group === undefined) continue
    const task = fence === undefined && mark === undefined ? readTask(words, line) : undefined
    if (task !== undefined) group.tasks.push(task)
    group.lines.push({ line, text: words, task: task !== undefined })
  }
  return groups
}

function readHeading(words: string): string | undefined {
  const text = withoutEnd(/^##\s+(\S.*)$/.exec(words)?.[1]?.trimEnd() ?? '', '#').trimEnd()
  return text === '' ? undefined : text
}

function readTask(words: string, line: number): Task | undefined {
  const found = BOX.exec(words)
  if (found === null) return undefined
  const box = (found[1] ?? '').trim()
  // Templates have TXXX where a number was to be written.
  const rest = (found[2] ?? '').replace(/^TX+\s+/, '')
  const [, id, text] = ID.exec(rest) ?? []
  const done = /^x$/i.test(box)
  return { line, id, text: (text ?? rest).trim(), done, odd: done || box === '' ? undefined : box }
}

/** Words of a heading without its number: `Phase 2: Foundational`, `1. Sound`. */
export function titleOf(heading: string): string {
  return (
    heading
      .replace(/^(?:\p{L}{1,99}\s{0,9}(?:\d{1,9}|N)\s{0,9}\p{L}{0,99}\s{0,9}[:：.–-]|\d{1,9}[.)]?\s)/u, '')
      .trim() || heading
  )
}

/** Paths that a text names: in backquotes, and bare words with a `/` and an ending when `bare`. Relative, inside. */
export function pathsIn(text: string, bare: boolean): readonly string[] {
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(match => match[1] ?? '')
  const words = bare ? text.replace(/`[^`]*`/g, ' ').split(/[\s,;()[\]"']+/) : []
  const plain = words
    .map(word => withoutEnd(word, '.:'))
    .filter(word => word.includes('/') && hasEnding(word))
  const wanted = quoted.filter(word => hasEnding(word) || /^[\w@.-]+(\/[\w@.-]+)+\/?$/.test(word))
  return [...new Set([...wanted, ...plain].map(word => word.replace(/^\.\//, '')).filter(isInsidePath))]
}

const hasEnding = (word: string): boolean => /^[\w@.+/-]*\.[A-Za-z][A-Za-z0-9]{0,7}$/.test(word)

function isInsidePath(word: string): boolean {
  return !/^[/-]|^[A-Za-z]:|:\/\/|(^|\/)\.\.(\/|$)/.test(word)
}
