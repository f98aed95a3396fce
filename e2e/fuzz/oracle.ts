/** What must hold after every command of the product. */
import { spawnSync } from 'node:child_process'
import { blobId, differences, type Snapshot } from './snapshot.ts'
import { type Answer, ask, brief, REL, type Stage } from './stage.ts'

/** A promise that was broken: the kind, and what happened. */
export interface Violation {
  readonly kind: string
  readonly about: string
}

export interface Done {
  readonly stage: Stage
  readonly words: readonly string[]
  readonly before: Snapshot
  readonly after: Snapshot
  /** Undefined when it was killed. */
  readonly answer: Answer | undefined
}

/** Files that the product writes by itself in a checkout; of what a person wrote there the words are looked for. */
const OWN = new RegExp(
  `${REL}/(status\\.json|status\\.events\\.jsonl|meta\\.json|lanes\\.json|tasks\\.md|acceptance-matrix\\.json|tasks/[^/]+\\.md)$|/\\.kittify/(workspaces|runtime|derived|events)/|/home/|\\.git$`,
)

export function broken(done: Done): readonly Violation[] {
  return [
    ...wellSpoken(done),
    ...nothingChanged(done),
    ...commitsHeld(done),
    ...bytesHeld(done),
    ...logGrows(done),
    ...nothingRun(done),
  ]
}

function wellSpoken({ answer, words }: Done): readonly Violation[] {
  if (answer === undefined) return []
  const { stdout, stderr, document } = answer
  const said = `${stdout}\n${stderr}`
  const found: Violation[] = []
  if (/Internal error|"internal_error"|^\s+at .+:\d+:\d+\)?$/m.test(said))
    found.push({ kind: 'internal error', about: said.slice(0, 2000) })
  if (words.includes('--json') && document === undefined)
    found.push({ kind: 'not one JSON document', about: said.slice(0, 2000) })
  if (answer.status !== 0 && document !== undefined) {
    const text = JSON.stringify(document)
    if (!/"(error|blockers|reason|message|failed_checks|findings|problems|not_found|errors)":/.test(text))
      found.push({ kind: 'refused without a word', about: text })
  }
  return found
}

const READING = [
  /^(where|status|show|log|verify-setup|mission (info|list|current)|agent tasks (status|list-tasks|list-dependents)|agent status (validate|doctor|lifecycle)|context (list|info)|session-start|doctor)\b/,
]

export function isReading(words: readonly string[]): boolean {
  if (words.includes('--dry-run')) return true
  if (words.includes('--fix')) return false
  return READING.some(pattern => pattern.test(words.join(' ')))
}

function nothingChanged({ answer, words, before, after }: Done): readonly Violation[] {
  if (answer === undefined) return []
  const reading = isReading(words)
  // These go on after a failure and tell one by one what they did; a fetch is a fetch.
  if (!reading && words.some(word => /^--(recover|fix|fetch|push|pr)$/.test(word))) return []
  if (!reading && answer.status === 0) return []
  const changed = differences(before, after).filter(
    line => !/\.git\/(.+\/)?(FETCH_HEAD|COMMIT_EDITMSG)$|\.git\/(.+\/)?spec-kitty-merge(\/|$)/.test(line),
  )
  if (changed.length === 0) return []
  // Whoever stops after the branch has moved says so, and how to go on.
  if (!reading && /--resume/.test(answer.stdout + answer.stderr) && words[0] === 'merge') return []
  return [
    {
      kind: reading ? 'a reading command writes' : 'a refusal changes something',
      about: `${changed.slice(0, 20).join('\n')}\n${brief(answer)}`,
    },
  ]
}

/** A merge that is taken back takes its own commit and events along: the reflog is where that one stays. */
function takesBack({ words }: Done): boolean {
  return words[0] === 'merge' && words.includes('--abort')
}

function commitsHeld(done: Done): readonly Violation[] {
  const { stage, before, after } = done
  const same = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].every(id => b.has(id))
  const found: Violation[] = []
  if (!same(before.tips, after.tips)) {
    const held = takesBack(done) ? [...after.tips, ...after.logged] : [...after.tips]
    const lost = beyond(stage, [...before.tips], held)
    if (lost.length > 0) found.push({ kind: 'commits unreachable', about: describe(stage, lost) })
  }
  if (found.length === 0 && !same(before.logged, new Set([...after.logged, ...after.tips]))) {
    const lost = beyond(stage, [...before.logged], [...after.logged, ...after.tips])
    if (lost.length > 0) found.push({ kind: 'commits of a reflog unreachable', about: describe(stage, lost) })
  }
  return found
}

function beyond({ w }: Stage, tips: readonly string[], held: readonly string[]): readonly string[] {
  const input = [...tips, ...held.map(id => `^${id}`)].map(line => `${line}\n`).join('')
  const { stdout } = spawnSync('git', ['rev-list', '--ignore-missing', '--stdin'], {
    cwd: w.root,
    env: w.env,
    input,
    encoding: 'utf8',
  })
  return stdout.split('\n').filter(line => line !== '')
}

function describe({ w }: Stage, lost: readonly string[]): string {
  return lost
    .map(id => ask(w, 'log', '-1', '--format=%h %s', '--name-only', id) ?? id)
    .join('\n')
    .slice(0, 1500)
}

/** What is only intended to be added has no bytes yet. */
const EMPTY = blobId(Buffer.alloc(0))

/** Every content that lay somewhere still lies there, elsewhere, or in a commit that a reference leads to. */
function bytesHeld({ stage, words: command, before, after }: Done): readonly Violation[] {
  const onDisk = new Set([...after.files.values(), ...after.internals.values()].map(seen => seen.blob))
  const missing = [...before.files].filter(
    ([path, { blob }]) => blob !== '' && before.bytes(path)?.length !== 0 && !onDisk.has(blob),
  )
  // What is on disk is what a person asks this one to commit.
  const staged = (command[0] === 'safe-commit' ? [] : [...before.indexes]).flatMap(([path, entries]) => {
    const now = new Set(after.indexes.get(path))
    return (
      entries
        // A link to a commit of another repository has no bytes here.
        .filter(entry => !now.has(entry) && !entry.startsWith('160000 '))
        .map(entry => [`${path}: ${entry.split(' ').slice(3).join(' ')}`, entry.split(' ')[1] ?? ''] as const)
    )
  })
  const suspects = [
    ...missing.map(([path, { blob }]) => ({
      path,
      ids: variants(before.bytes(path), blob),
      own: OWN.test(path),
      bytes: before.bytes(path),
    })),
    ...staged
      .filter(([, id]) => id !== EMPTY && !onDisk.has(id))
      .map(([path, id]) => ({ path, ids: [id], own: OWN.test(path), bytes: undefined })),
  ]
  if (suspects.length === 0) return []
  const held = reachableBlobs(stage, after)
  for (const entries of after.indexes.values())
    for (const entry of entries) held.add(entry.split(' ')[1] ?? '')
  const gone = suspects.filter(({ ids }) => !ids.some(id => held.has(id)))
  const lost = gone.filter(({ own }) => !own).map(({ path }) => path)
  const words = gone
    .filter(({ own }) => own)
    .flatMap(({ path, bytes }) => lostWords(stage, after, path, bytes))
  return [
    ...(lost.length > 0 ? [{ kind: 'uncommitted bytes gone', about: lost.join('\n') }] : []),
    ...(words.length > 0 ? [{ kind: 'words of the user gone', about: words.join('\n') }] : []),
  ]
}

function variants(bytes: Buffer | undefined, blob: string): readonly string[] {
  if (bytes === undefined) return [blob]
  const text = bytes.toString('latin1')
  return [
    blob,
    blobId(Buffer.from(text.replaceAll('\r\n', '\n'), 'latin1')),
    blobId(Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'), 'latin1')),
  ]
}

function reachableBlobs({ w, beside }: Stage, { tips }: Snapshot): Set<string> {
  const held = beside.flatMap(top =>
    w.gitAt(top, 'rev-list', '--objects', '--no-object-names', '--all').split('\n'),
  )
  const input = [...tips].map(id => `${id}\n`).join('')
  const { stdout } = spawnSync(
    'git',
    ['rev-list', '--objects', '--no-object-names', '--ignore-missing', '--stdin'],
    { cwd: w.root, env: w.env, input, encoding: 'utf8', maxBuffer: 1e8 },
  )
  return new Set([...held, ...stdout.split('\n')])
}

const WORD = /\bu[0-9a-z]+_[0-9a-z]+\b/g

function lostWords(
  { w }: Stage,
  after: Snapshot,
  path: string,
  bytes: Buffer | undefined,
): readonly string[] {
  const words = new Set([...(bytes?.toString('utf8') ?? '').matchAll(WORD)].map(([word]) => word))
  return [...words].flatMap(word => {
    for (const other of after.files.keys()) if (after.bytes(other)?.includes(word) === true) return []
    const commits = [...after.tips]
    const held = commits.some(id => ask(w, 'grep', '-q', word, id) !== undefined)
    return held ? [] : [`${path}: ${word}`]
  })
}

/** Rows of the log on disk stay, as long as the checkout stays on its branch. */
function logGrows(done: Done): readonly Violation[] {
  const { stage, before, after } = done
  const path = `repo/${REL}/status.events.jsonl`
  if (before.internals.get(stage.head)?.blob !== after.internals.get(stage.head)?.blob) return []
  const rows = (snapshot: Snapshot) =>
    (snapshot.bytes(path)?.toString('utf8') ?? '').split('\n').filter(line => line.trim() !== '')
  const now = new Set(rows(after).map(line => line.trim()))
  const lost = rows(before).filter(
    row =>
      !now.has(row.trim()) &&
      row.startsWith('{') &&
      row.trimEnd().endsWith('}') &&
      !(takesBack(done) && row.includes('"actor": "merge"')),
  )
  return lost.length === 0 ? [] : [{ kind: 'the event log shrinks', about: lost.slice(0, 3).join('\n') }]
}

/** A name of a branch is never run by a shell. */
function nothingRun({ before, after }: Done): readonly Violation[] {
  const run = [...after.files.keys()].filter(path => /(^|\/)pwned$/.test(path) && !before.files.has(path))
  return run.map(about => ({ kind: 'a name was run', about }))
}
