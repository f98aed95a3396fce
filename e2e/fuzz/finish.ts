/** Brings a mission to its end with nothing but what the product prints; a person only writes code and resolves conflicts. */
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { board, laneOf, ticks, work } from './actions.ts'
import { type Answer, ask, brief, REL, SLUG } from './stage.ts'
import type { Team } from './team.ts'

const ROUNDS = 60
/** How often the same advice may be taken before it counts as useless. */
const PATIENCE = 4

interface Blocker {
  readonly code: string
  readonly remediation?: string | readonly string[]
  readonly hint?: string
  readonly remedy?: string
}

/** Adds a violation when the printed remedies do not lead to the merge. */
export async function finish(team: Team): Promise<void> {
  const taken = new Map<string, number>()
  let merge: readonly string[] = ['merge', '--mission', SLUG]
  for (let round = 0; round < ROUNDS; round++) {
    settle(team)
    const answer = await team.command(merge)
    if (answer.status === 0) return
    const advices = adviceOf(answer)
    const [advice] = advices
    if (advice === undefined) return give(team, 'a refusal without a remedy', answer)
    if (ENDS.has(advice.code)) return
    const key = `${advice.code} ${advice.text}`
    const times = (taken.get(key) ?? 0) + 1
    taken.set(key, times)
    if (times > PATIENCE) return give(team, 'a remedy that does not help', answer)
    if (team.violations.length > 0) return
    // Some people take one thing at a time, others paste all that is listed.
    for (const next of team.dice.chance(0.5) ? [advice] : advices) {
      const words = wordsOf(filled(commandIn(next.text) ?? ''))
      if (words?.[0] === 'merge' && words.includes('--target')) merge = words
      else await obey(team, next, 0)
    }
  }
  const last = await team.command(merge)
  give(team, 'remedies go in circles', last)
}

/** Nothing is left to be merged. */
const ENDS = new Set(['already_merged', 'nothing_to_merge'])

function give(team: Team, kind: string, answer: Answer): void {
  team.violations.push({ kind, about: brief(answer) })
}

interface Advice {
  readonly code: string
  /** A hint or remedy as printed. */
  readonly text: string
}

function adviceOf({ document }: Answer): readonly Advice[] {
  if (document === undefined) return []
  const blockers = (document.blockers ?? []) as readonly Blocker[]
  if (blockers.length > 0) {
    return blockers.map(({ code, remediation = [], hint, remedy }) => {
      const [text = remedy ?? hint ?? ''] = typeof remediation === 'string' ? [remediation] : remediation
      return { code, text }
    })
  }
  const findings = (document.findings ?? []) as readonly { readonly recommended_action?: string }[]
  const actions = findings.flatMap(({ recommended_action: action }) => action ?? [])
  const hint = document.hint ?? document.remediation ?? document.remedy ?? actions
  const texts = Array.isArray(hint) ? hint : [hint]
  return texts
    .filter(text => typeof text === 'string' && text !== '')
    .map(text => ({ code: String(document.code), text: String(text) }))
}

/** Pastes what an advice says; a command of the product that is refused gives an advice of its own. */
async function obey(team: Team, advice: Advice, depth: number, tried: readonly string[] = []): Promise<void> {
  const [, gone, wp] = /Take (WP\d\d) out of the dependencies of (WP\d\d)/.exec(advice.text) ?? []
  if (gone !== undefined && wp !== undefined) {
    team.sh(
      `sed -i '/^- ${gone}$/d; s/^dependencies:$/dependencies: []/' ${REL}/tasks/${wp}-*.md; sed -i '/Work Package ${wp}/,/^- /{/Dependencies/d}' ${REL}/tasks.md; git add -A ${REL}; git commit -qm independent`,
    )
  }
  const command = filled(commandIn(advice.text) ?? '')
  if (command === '') return await byHand(team, advice, tried)
  const steps = command.split(' && ')
  if (steps.length > 1 && steps.every(step => step.startsWith('spec-kitty '))) {
    for (const step of steps) await obey(team, { ...advice, text: step }, depth + 1, tried)
    return
  }
  const words = wordsOf(command)
  if (words === undefined) {
    const { output } = team.sh(command)
    // A git that crashed: so git itself says.
    const lock = /Unable to create '(.+\.lock)': File exists/.exec(output)?.[1]
    if (lock !== undefined) team.sh(`rm -f '${lock.replaceAll("'", "'\\''")}'\n${command}`)
    settle(team)
    return
  }
  const answer = await team.command(words)
  if (answer.status === 0) return await after(team, words)
  if (depth > 6) return
  const advices = adviceOf(answer)
  if (advices.length === 0) return give(team, 'a refusal without a remedy', answer)
  for (const next of advices) await obey(team, next, depth + 1, words)
}

/** What the prompts of implement and review ask a person for. */
async function after(team: Team, words: readonly string[]): Promise<void> {
  const wp = words.find(word => /^WP\d\d$/.test(word))
  if (wp === undefined) return
  const state = (await board(team)).get(wp)
  if (state === 'in_progress' || state === 'doing') {
    await build(team, wp)
  }
  if (state === 'in_review') {
    const reviewer = words[words.indexOf('--agent') + 1] ?? 'rev'
    const answer = await team.command(['approve', wp, '--reviewer', reviewer, '--mission', SLUG])
    if (answer.status !== 0) for (const next of adviceOf(answer)) await obey(team, next, 3)
  }
}

async function build(team: Team, wp: string): Promise<void> {
  const lane = laneOf(team, wp)
  if (lane !== undefined) work(team, lane, `src/${wp.toLowerCase()}/${team.stage.word()}.txt`)
  await team.command(['agent', 'tasks', 'mark-status', ...ticks(wp), '--status', 'done', '--mission', SLUG])
}

async function byHand(team: Team, { text }: Advice, words: readonly string[]): Promise<void> {
  const folder = / in (\/\S+)$/.exec(text)?.[1]
  if (folder !== undefined && existsSync(folder)) work(team, relative(team.stage.w.root, folder))
  const wp = /\bWP\d\d\b/.exec(`${text} ${words.join(' ')}`)?.[0]
  if (wp !== undefined) await build(team, wp)
}

/** What can be pasted: from the first word that names a program to the end of the command. */
export function commandIn(hint: string): string | undefined {
  const match = /(^|: |\(|Run )((?:spec-kitty|git|cd|rm|mv|chmod|export) .*)/s.exec(hint)
  const [, before, rest] = match ?? []
  if (rest === undefined) return undefined
  const end = before === '(' ? /\)/ : /, (?:or|then|and) | · | \((?!.*")|\. [A-Z]|; then |\.$/
  return rest.split(end)[0]
}

function filled(command: string): string {
  const names: Readonly<Record<string, string>> = {
    NAME: / (?:action )?review /.test(command) ? 'rev' : 'claude',
    FILE: '../feedback.md',
    REASON: 'because',
    TEXT: 'text',
    MESSAGE: 'message',
  }
  return command.replaceAll(/\b(NAME|FILE|REASON|TEXT|MESSAGE)\b/g, word => names[word] ?? word)
}

/** The words of a command line of the product alone; undefined for anything else. */
function wordsOf(command: string): readonly string[] | undefined {
  if (!command.startsWith('spec-kitty ') || /&&|\||;|\n/.test(command)) return undefined
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
  return words.slice(1).filter(word => word !== '--json')
}

/** A person takes a side where git asks for one, and ends what is open. */
function settle(team: Team): void {
  const { w } = team.stage
  const trees = (ask(w, 'worktree', 'list', '--porcelain') ?? '')
    .split('\n')
    .flatMap(line => (line.startsWith('worktree ') ? [line.slice(9)] : []))
  // Git names a git directory that lies apart, not its checkout.
  for (const tree of new Set([w.root, ...trees].filter(path => existsSync(join(path, '.git'))))) {
    if ((ask(w, '-C', tree, 'ls-files', '--unmerged') ?? '') === '') continue
    const side = team.dice.pick(['ours', 'theirs'])
    team.sh(
      `cd '${tree}'
git diff -z --name-only --diff-filter=U | xargs -0 -I{} sh -c 'git checkout -q --${side} -- "$1" 2>/dev/null || git checkout -q --ours -- "$1" 2>/dev/null || git checkout -q --theirs -- "$1" 2>/dev/null || git rm -q --cached -- "$1"' _ {}
git ls-files -uz | grep -z '^160000' | cut -zf2 | sort -zu | xargs -0 -r git rm -q --cached --
git add -A --sparse
d=$(git rev-parse --git-dir)
if [ -d "$d/rebase-merge" ] || [ -d "$d/rebase-apply" ]; then git -c core.editor=true rebase --continue
elif [ -f "$d/CHERRY_PICK_HEAD" ]; then git -c core.editor=true cherry-pick --continue || git commit -q --allow-empty --no-edit
elif [ -f "$d/MERGE_HEAD" ]; then git commit -q --no-edit
else git commit -qm resolved; fi >/dev/null 2>&1`,
    )
  }
}
