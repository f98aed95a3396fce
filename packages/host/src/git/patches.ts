/** What one commit changes in another, for people: names, counts of lines, and as much of the patches as fits. */
import type { PatchedFile, Patches, PatchRequest } from '@spec-kitty/core/world/ports'
import { fieldsOf, type OpenGit, type RunGit } from './run.ts'

type Entry = Omit<PatchedFile, 'patch' | 'cut'> & {
  /** How many patches git prints of it: two where a file became a link. */
  readonly parts: 1 | 2
}

/** No program of the user's configuration (external diff, textconv, colour) has a say in it. */
const PLAIN = ['--no-ext-diff', '--no-textconv', '--no-color', '--submodule=short', '-M', '-l400']

/** The list first; then one stream of patches, which is ended when there is enough of it. */
export async function readPatches(
  run: RunGit,
  open: OpenGit,
  cwd: string,
  commits: readonly [string, string],
  ask: PatchRequest,
): Promise<Patches> {
  const only = ask.path === undefined ? [] : ['--', ask.path]
  const words = (form: readonly string[], paths: readonly string[]) => [
    '--literal-pathspecs',
    'diff',
    ...PLAIN,
    ...form,
    ...commits,
    ...paths,
  ]
  const listed = await run({ cwd, args: words(['--raw', '--numstat', '-z'], only) })
  const entries = readList(fieldsOf(listed))
  const shown = entries.slice(0, ask.files)
  const text =
    shown.length === 0
      ? ''
      : await stream(open, cwd, words(['--patch', '--src-prefix=a/', '--dst-prefix=b/'], only), ask.total)
  return { files: withPatches(shown, text, ask), count: entries.length }
}

/** `:modes ids STATUS` and one or two paths each, then `added TAB deleted TAB path` or, for a rename, two fields more. */
function readList(fields: readonly string[]): readonly Entry[] {
  const entries = new Map<string, Entry>()
  let at = 0
  for (; fields[at]?.startsWith(':'); ) {
    const letter = /[A-Z]\d*$/.exec(fields[at] ?? '')?.[0][0]
    const renamed = letter === 'R' || letter === 'C'
    const first = fields[at + 1] ?? ''
    const path = renamed ? (fields[at + 2] ?? '') : first
    at += renamed ? 3 : 2
    const status =
      letter === 'A' || letter === 'C'
        ? 'added'
        : letter === 'D'
          ? 'deleted'
          : renamed
            ? 'renamed'
            : 'modified'
    entries.set(path, {
      path,
      oldPath: letter === 'R' ? first : null,
      status,
      additions: null,
      deletions: null,
      parts: letter === 'T' ? 2 : 1,
    })
  }
  for (; at < fields.length; at++) {
    const [, added, deleted, name] = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(fields[at] ?? '') ?? []
    if (name === undefined) continue
    const path = name === '' ? (fields[at + 2] ?? '') : name
    if (name === '') at += 2
    const entry = entries.get(path)
    const count = (text: string | undefined) => (text === '-' ? null : Number(text))
    if (entry !== undefined)
      entries.set(path, { ...entry, additions: count(added), deletions: count(deleted) })
  }
  return [...entries.values()]
}

/** The first `limit` bytes of what git prints, whole lines; git itself is ended then. */
function stream(open: OpenGit, cwd: string, args: readonly string[], limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const done = () => resolve(Buffer.concat(chunks).subarray(0, limit).toString('utf8'))
    const session = open(
      { cwd, args },
      chunk => {
        if (size > limit) return
        chunks.push(chunk)
        size += chunk.length
        if (size > limit) {
          session.kill()
          done()
        }
      },
      cause => (cause.data.exit_status === 0 || size > 0 ? done() : reject(cause)),
    )
  })
}

/** Patches come in the order of the list, one `diff --git` each; the last one of a cut stream is not whole. */
function withPatches(
  entries: readonly Entry[],
  text: string,
  { each, total, path }: PatchRequest,
): readonly PatchedFile[] {
  const printed = text.split(/^(?=diff --git )/m).filter(part => part !== '')
  const whole = Buffer.byteLength(text) < total
  let at = 0
  return entries.map(({ parts, ...entry }) => {
    const part = printed
      .slice(at, at + parts)
      .map(hunksOf)
      .join('')
    at += parts
    if (entry.additions === null) return { ...entry, patch: null, cut: false }
    const complete = whole || at < printed.length
    const patch = part === '' ? null : part
    const fits = complete && (patch?.length ?? 0) <= each
    if (fits) return { ...entry, patch, cut: false }
    // Of a file that was asked for alone, the beginning is better than nothing.
    return { ...entry, patch: path === undefined ? null : (patch?.slice(0, each) ?? null), cut: true }
  })
}

/** Without its head, which names files as git quotes them; nothing for a change of name or mode alone. */
function hunksOf(part: string): string {
  const start = part.indexOf('\n@@ ')
  return start < 0 ? '' : part.slice(start + 1)
}
