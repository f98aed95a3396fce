/** What the reviewers of a pull request said: read from what forges answer or from a text, and written as feedback. Pure. */
import { isArray, isObject, type Json, type JsonObject, parseJson } from '@spec-kitty/contracts/json'

export interface Comment {
  /** Relative to the top of the repository; null for a remark on the whole. */
  readonly path: string | null
  readonly line: number | null
  readonly author: string | null
  readonly body: string
  /** Names it for good where the forge does: an address, or a number there. */
  readonly ref: string | null
  /** The forge says that the author has no part in the repository. */
  readonly outside: boolean
}

type Place = Pick<Comment, 'path' | 'line'>

const NOWHERE: Place = { path: null, line: null }

/**
 * Comments of a JSON document (comments, reviews and threads of GitHub and Gitea, discussions of GitLab), else of a text in
 * which a line that begins with a file, `src/a.ts:12: words`, begins a comment. What is settled, dismissed,
 * or said by an approval is left out.
 */
export function readComments(text: string, isFile: (path: string) => boolean): readonly Comment[] {
  const value = /^\s*[[{]/.test(text) ? parsed(text) : undefined
  return value === undefined ? fromText(text, isFile) : fromJson(value, NOWHERE)
}

function parsed(text: string): Json | undefined {
  try {
    const value = parseJson(text)
    return isObject(value) || isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

/* --------------------------------------------------------------------- JSON */

/** Whatever encloses a comment says where it is about, unless the comment says so itself. */
function fromJson(value: Json, outer: Place): readonly Comment[] {
  if (isArray(value)) return value.flatMap(item => fromJson(item, outer))
  if (!isObject(value) || isSettled(value)) return []
  const place = placeIn(value) ?? outer
  const body = typeof value.body === 'string' ? value.body.trim() : ''
  // What has a title is the pull request itself.
  const isComment = body !== '' && authorIn(value) !== undefined && !('title' in value)
  const own = isComment ? [commentIn(value, body, place)] : []
  return [...own, ...Object.values(value).flatMap(item => fromJson(item, place))]
}

function isSettled({ isResolved, resolved, system, state, isMinimized }: JsonObject): boolean {
  const dropped = typeof state === 'string' && /^(?:approved|dismissed|pending)$/i.test(state)
  return dropped || [isResolved, resolved, system, isMinimized].includes(true)
}

function placeIn(value: JsonObject): Place | undefined {
  const at = isObject(value.position) ? value.position : value
  const path = [at.path, at.new_path, at.old_path].find(isText)
  if (path === undefined) return undefined
  const lines = [at.line, at.new_line, at.originalLine, at.original_line, at.old_line]
  return { path, line: lines.find(line => typeof line === 'number') ?? null }
}

function commentIn(value: JsonObject, body: string, place: Place): Comment {
  const role = value.authorAssociation ?? value.author_association
  // What a REST answer calls `url` is for programs.
  const ref = [value.html_url, value.url].find(isText)
  const named = ref !== undefined && /^https?:\/\/[^\s<>]+$/.test(ref)
  return {
    ...place,
    author: authorIn(value) ?? null,
    body,
    ref: named ? ref : typeof value.id === 'number' ? `note ${value.id}` : null,
    outside: isText(role) && !/^(?:OWNER|MEMBER|COLLABORATOR)$/.test(role),
  }
}

function authorIn({ author, user }: JsonObject): string | undefined {
  const who = [author, user].find(isObject)
  return [who?.login, who?.username, who?.name].find(isText)
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/* --------------------------------------------------------------------- text */

/** `src/a.ts:12: words`, in a list, as a heading or in backquotes. */
const HEAD =
  /^\s*(?:[-*+]\s+|\d+\.\s+|#{1,6}\s+)?[`*_]{0,3}([^\s`*:]+)(?::(\d+)(?:[-:]\d+)?)?[`*_]{0,3}(?:\s*[:—–-]\s+|:?\s*$)(.*)$/

function isNameOfFile(word: string): boolean {
  return word.includes('/') || (word.indexOf('.') > 0 && !word.endsWith('.'))
}

function fromText(text: string, isFile: (path: string) => boolean): readonly Comment[] {
  const found: { place: Place; lines: string[]; raw: string }[] = [{ place: NOWHERE, lines: [], raw: '' }]
  for (const line of text.split(/\r?\n/)) {
    const [, path, at, words = ''] = HEAD.exec(line) ?? []
    // A word alone is no file, whatever a package owns.
    if (path !== undefined && isNameOfFile(path) && (at !== undefined || isFile(path)))
      found.push({ place: { path, line: at === undefined ? null : Number(at) }, lines: [words], raw: line })
    else found.at(-1)?.lines.push(line)
  }
  return found.flatMap(({ place, lines, raw }) => {
    const said = lines.join('\n').trim()
    const body = said === '' ? raw.trim() : said
    return body === '' ? [] : [{ ...place, author: null, body, ref: null, outside: false }]
  })
}

/* ----------------------------------------------------------------- feedback */

/** Markdown for the one who mends it, remarks on the whole first; what somebody said is quoted. */
export function feedbackOf(comments: readonly Comment[], pullRequest: string | null): string {
  const places = [...new Set(comments.map(titleOf))].sort((a, b) => Number(a !== WHOLE) - Number(b !== WHOLE))
  const sections = places.map(place => {
    const said = comments.filter(comment => titleOf(comment) === place).map(quoted)
    return [place, ...said].join('\n\n')
  })
  const from = pullRequest === null ? 'The review' : `The review of ${pullRequest}`
  return `${from} asks for changes.\n\n${sections.join('\n\n')}\n`
}

const WHOLE = '## On the whole'

function titleOf({ path, line }: Place): string {
  return path === null ? WHOLE : `## ${oneLine(path)}${line === null ? '' : `:${line}`}`
}

/** What a forge or a file gives for a name must not begin a line of its own: only what is quoted is the reviewer's. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

function quoted(comment: Comment): string {
  const head = headOf(comment)
  return [
    ...(head === '' ? [] : [head, '']),
    ...comment.body.split(/\r?\n/).map(line => `> ${line}`.trimEnd()),
  ].join('\n')
}

function headOf({ author, ref }: Comment): string {
  const words = [author === null ? '' : `**${oneLine(author)}**`, ref === null ? '' : `<${ref}>`]
  const head = words.filter(text => text !== '').join(' ')
  return head === '' ? '' : `${head}:`
}

/** Whether one of these texts of feedback holds the comment already: by its head with its address, else word by word. */
export function isKnown(comment: Comment, feedback: readonly string[]): boolean {
  // Unquoted, so that no comment can pass another off as known by naming it.
  const marks =
    comment.ref === null ? [`\n${titleOf(comment)}\n`, `\n${quoted(comment)}\n`] : [`\n${headOf(comment)}\n`]
  return feedback.some(text => marks.every(mark => text.includes(mark)))
}
