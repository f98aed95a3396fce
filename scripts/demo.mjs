/**
 * Makes a repository with missions in every state, by the built program alone: for pictures, for stories in the browser,
 * and to try things. `node scripts/demo.mjs DIRECTORY` prints the path and the slug of its mission as JSON.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { root as clone } from './workspace.mjs'

const program = join(clone, 'bin/spec-kitty')

/** Id → title, what it needs, its subtasks, and the file it owns. */
const PACKAGES = {
  WP01: ['Token store', [], ['table of tokens', 'one use only'], 'src/tokens.mjs'],
  WP02: ['Mail with the link', [], ['text and HTML', 'send through the queue'], 'src/mail.mjs'],
  WP03: ['Sign-in form', ['WP01'], ['page', 'messages', 'keyboard'], 'src/form.mjs'],
  WP04: ['Session from a token', ['WP01'], ['exchange', 'sign out'], 'src/session.mjs'],
  WP05: ['Limit of tries', ['WP04'], ['count', 'wait'], 'src/limits.mjs'],
  WP06: ['Devices of an account', ['WP04'], ['list', 'sign one out'], 'src/devices.mjs'],
  WP07: ['Move old accounts over', ['WP02', 'WP04'], ['dry run', 'letters'], 'src/move.mjs'],
}

const SPEC = `# Sign in without a password

People forget passwords. They get a link by mail instead, which works once and for ten minutes.

## Functional Requirements

| Id | Requirement |
|---|---|
| FR-001 | A person who enters an address gets a link by mail. |
| FR-002 | The link signs in once, within ten minutes. |
| FR-003 | After five tries in an hour the form waits. |

## Success

- [x] no password is stored anywhere
- [ ] nine of ten people sign in within a minute

> A link is a secret: it never appears in a log.
`

const PLAN = `# Plan: Sign in without a password

## Technical Context

**Language/Version**: JavaScript, Node 22
**Testing**: node --test

1. Tokens are random, stored as hashes.
2. Mail leaves through the queue that invoices use.

\`\`\`js
const link = \`\${origin}/in#\${token}\`
\`\`\`
`

const TOKENS = `import { createHash, randomBytes } from 'node:crypto'

const MINUTES = 10
const tokens = new Map()

/** A token for an address; only its hash is kept. */
export function issue(address, now) {
  const token = randomBytes(24).toString('base64url')
  tokens.set(hash(token), { address, until: now + MINUTES * 60_000 })
  return token
}

/** The address of a token that was not used before, or undefined. */
export function redeem(token, now) {
  const key = hash(token)
  const known = tokens.get(key)
  tokens.delete(key)
  return known !== undefined && now < known.until ? known.address : undefined
}

const hash = token => createHash('sha256').update(token).digest('hex')
`

const MAIL = `export const subject = 'Your link'

/** What stands in the mail; the link works once. */
export function body(name, link) {
  return \`Hello \${name},\\n\\nopen this to sign in: \${link}\\n\`
}
`

const SESSION = `import { redeem } from './tokens.mjs'

export function signIn(token, now) {
  const address = redeem(token, now)
  if (address === undefined) return { status: 410, text: 'This link was used, or it is too old.' }
  return { status: 303, session: { address, since: now } }
}
`

/** Makes it in an empty or new directory; answers its path and the slug of the mission. */
export function makeDemo(directory) {
  const root = resolve(directory)
  mkdirSync(root, { recursive: true })
  const at = folder => ({ cwd: join(root, folder), encoding: 'utf8', stdio: 'pipe' })
  const git = (folder, ...words) => execFileSync('git', words, at(folder))
  const kitty = (...words) => execFileSync(process.execPath, [program, ...words], at('.'))
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  git('.', 'init', '-q', '-b', 'main')
  git('.', 'config', 'user.name', 'Robin')
  git('.', 'config', 'user.email', 'robin@example.org')
  write(
    'src/mail.mjs',
    "export const subject = 'Your password'\n\nexport const body = name => 'Hello ' + name\n",
  )
  kitty('init', '--ai', 'claude', '--json')
  git('.', 'add', '-A')
  git('.', 'commit', '-qm', 'Start')
  kitty('agent', 'mission', 'create', 'invoices-as-pdf', '--friendly-name', 'Invoices as PDF', '--json')
  kitty(
    'agent',
    'mission',
    'create',
    'sign-in-by-link',
    '--friendly-name',
    'Sign in without a password',
    '--json',
  )
  const mission = readdirSync(join(root, 'kitty-specs')).find(name => name.startsWith('sign-in-by-link'))
  writeDocuments(write, mission)
  kitty('agent', 'mission', 'setup-plan', '--mission', mission, '--json')
  kitty('agent', 'mission', 'finalize-tasks', '--mission', mission, '--json')
  const hand = { root, mission, git, kitty, write }
  walk(hand)
  return { root, mission }
}

function writeDocuments(write, mission) {
  const home = `kitty-specs/${mission}`
  write(`${home}/spec.md`, SPEC)
  write(`${home}/plan.md`, PLAN)
  let number = 0
  const sections = []
  for (const [id, [title, needs, subtasks, file]] of Object.entries(PACKAGES)) {
    const ids = subtasks.map(() => `T${String(++number).padStart(3, '0')}`)
    const list = subtasks.map((text, index) => `- [ ] ${ids[index]} ${text}`).join('\n')
    const after = needs.length === 0 ? '' : `Depends on ${needs.join(', ')}\n\n`
    sections.push(`## ${id} - ${title}\n\n${after}${list}\n`)
    write(
      `${home}/tasks/${id}-${title.toLowerCase().replace(/\W+/g, '-')}.md`,
      `---\nwork_package_id: ${id}\ntitle: ${title}\ndependencies: [${needs.join(', ')}]\nrequirement_refs: [FR-00${1 + (number % 3)}]\nsubtasks: [${ids.join(', ')}]\nowned_files: [${file}]\ncreate_intent: [${file}]\n---\n# ${id} - ${title}\n\nBuild it in \`${file}\`.\n\n## What counts\n\n${subtasks.map(text => `- ${text}`).join('\n')}\n\n## How it is shown\n\n\`\`\`\nnode --test ${file.replace('src', 'test')}\n\`\`\`\n`,
    )
  }
  write(`${home}/tasks.md`, `# Tasks: Sign in without a password\n\n${sections.join('\n')}`)
}

/** Brings the packages where the picture wants them. */
function walk({ root, mission, git, kitty, write }) {
  const of = ['--mission', mission, '--json']
  const begin = (wp, agent) => kitty('agent', 'action', 'implement', wp, '--agent', agent, ...of)
  const laneOf = wp => JSON.parse(kitty('show', wp, ...of)).branch.replace(/^.*-lane-/, 'lane-')
  const commit = (wp, path, text, message) => {
    const tree = `.worktrees/${mission}-${laneOf(wp)}`
    write(`${tree}/${path}`, text)
    git(tree, 'add', '-A')
    git(tree, 'commit', '-qm', message)
  }
  const tick = (...ids) => kitty('agent', 'tasks', 'mark-status', ...ids, '--status', 'done', ...of)
  const move = (wp, lane, ...more) => kitty('agent', 'tasks', 'move-task', wp, '--to', lane, ...more, ...of)

  begin('WP01', 'claude')
  commit('WP01', 'src/tokens.mjs', TOKENS, 'Keep tokens as hashes')
  tick('T001', 'T002')
  move('WP01', 'for_review')
  move('WP01', 'approved', '--reviewer', 'Robin', '--note', 'Small and clear')

  begin('WP02', 'codex')
  commit('WP02', 'src/mail.mjs', MAIL, 'Send the link')
  tick('T003', 'T004')
  move('WP02', 'for_review')
  const feedback = join(root, '.git', 'feedback.md')
  writeFileSync(feedback, 'The link needs a line of its own: some programs cut it.\n')
  kitty('agent', 'action', 'review', 'WP02', '--agent', 'Robin', ...of)
  move('WP02', 'planned', '--review-feedback-file', feedback)
  begin('WP02', 'codex')
  commit('WP02', 'src/mail.mjs', MAIL.replace(/: (?=\$)/, ':\\n\\n'), 'Give the link a line of its own')
  tick('T003', 'T004')
  move('WP02', 'for_review')

  begin('WP04', 'claude')
  commit('WP04', 'src/session.mjs', SESSION, 'Exchange a token for a session')
  tick('T008', 'T009')
  move('WP04', 'for_review')
  kitty('agent', 'action', 'review', 'WP04', '--agent', 'opus', ...of)

  begin('WP03', 'gemini')
  commit(
    'WP03',
    'src/form.mjs',
    'export const form = `<form><input name="address"></form>`\n',
    'Draw the form',
  )
  appendFileSync(join(root, `.worktrees/${mission}-${laneOf('WP03')}`, 'src/form.mjs'), '// messages\n')
  tick('T005')
  move('WP07', 'blocked', '--note', 'The list of old accounts is not there yet')
}

if (process.argv[1] === import.meta.filename) {
  const [directory] = process.argv.slice(2)
  if (directory === undefined) {
    process.stderr.write('Usage: node scripts/demo.mjs DIRECTORY\n')
    process.exitCode = 2
  } else process.stdout.write(`${JSON.stringify(makeDemo(directory))}\n`)
}
