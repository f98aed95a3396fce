/** An agent that knows nothing and does what it is told: it runs the commands that are printed, in their order. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Next } from '@spec-kitty/contracts/cli/next'
import type { World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { runCli } from './run-cli.ts'

/** What it writes when a page asks for a document or for code: by step, path below the mission or the worktree. */
export type Writings = Readonly<Record<string, Readonly<Record<string, string>>>>

interface Page {
  readonly steps: readonly string[]
  readonly others: readonly string[]
}

/** The commands of a page: those that it lists to be done in this order, and all others. */
function commandsOf(page: string): Page {
  const steps = [...page.matchAll(/^\d+\. `([^`]+)`$/gm)].map(([, command = '']) => command)
  const spans = [...page.matchAll(/`((?:spec-kitty|git) [^`\n]+)`/g)].map(([, command = '']) => command)
  const blocks = [...page.matchAll(/^ {4}((?:spec-kitty|git) .+)$/gm)].map(([, command = '']) => command)
  const others = [...blocks, ...spans].filter(command => !steps.includes(command))
  return { steps, others: [...new Set(others)] }
}

/** Words as `sh` splits them, one list for each command of `a && b`. */
export function split(command: string): readonly (readonly string[])[] {
  return command
    .split(' && ')
    .map(part =>
      [...part.matchAll(/(?:[^\s"'\\]|"(?:[^"\\]|\\.)*"|'[^']*'|\\.)+/g)].map(([word]) =>
        word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
          String(double?.replace(/\\(.)/g, '$1') ?? single ?? escaped),
        ),
      ),
    )
}

export interface Obedient {
  readonly name: string
  /** Runs what was printed; throws with all that came out when it fails. */
  readonly obey: (command: string, files?: readonly string[]) => Promise<string>
  /** Does what the page of a step says and answers with what its last command gave. */
  readonly follow: (step: Next) => Promise<Next>
}

function answerOf(out: string): Next {
  return parse(Next, JSON.parse(out))
}

/** `curious`: it also runs, once a page, what the page offers beside its steps. */
export function createObedient(
  world: World,
  name: string,
  writings: Writings,
  manner: 'plain' | 'curious' | 'among others',
): Obedient {
  const tried = new Set<string>()
  const feedback = join(world.dir, 'feedback.md')
  writeFileSync(feedback, 'src/a.txt:1 says nothing; it must say what it is for.\n')
  let top = world.root
  let said = 0

  const one = async (words: readonly string[]): Promise<string> => {
    const [program, ...rest] = words
    if (program === 'cd') {
      top = rest[0] ?? top
      return ''
    }
    if (program === 'git')
      return execFileSync('git', rest, { cwd: top, env: world.env, stdio: 'pipe' }).toString()
    const run = await runCli(world, rest, { cwd: top })
    if (run.status === 0 || isAnswer(rest, run.stdout)) return run.stdout
    throw new Error(`${words.join(' ')}\nexit ${run.status}\n${run.stdout}${run.stderr}`)
  }

  const obey = async (command: string, files: readonly string[] = []): Promise<string> => {
    top = world.root
    let out = ''
    for (const words of split(command)) {
      const filled = words.flatMap(word => {
        if (word === 'FILES') return files
        return word === 'FILE'
          ? feedback
          : word.replace('NAME', name).replace(/<[^>]*>/g, () => `words-${++said}`)
      })
      out = await one(filled)
    }
    return out
  }

  const write = (step: Next, steps: readonly string[]): string[] => {
    const work = writings[step.wp_id ?? step.step_id ?? ''] ?? {}
    if (step.action === 'review' && step.wp_id !== null) return []
    const inside = steps.flatMap(command => split(command)).find(words => words[1] === '-C')?.[2]
    const home =
      inside ?? (step.wp_id === null ? join(world.root, 'kitty-specs', step.mission_slug) : world.root)
    return Object.entries(work).map(([path, text]) => {
      const at = path.startsWith('/') ? join(world.root, path) : join(home, path)
      mkdirSync(dirname(at), { recursive: true })
      // Sent back: there is something to mend.
      writeFileSync(at, existsSync(at) && step.wp_id !== null ? `${readFileSync(at, 'utf8')}mended\n` : text)
      return path
    })
  }

  const follow = async (step: Next): Promise<Next> => {
    const page = commandsOf(readFileSync(step.prompt_file ?? '', 'utf8'))
    try {
      return answerOf(await work(step, page))
    } catch (error) {
      // Somebody else was faster: the page says what to do then.
      const stuck = page.others.find(command => /--result failed/.test(command))
      if (manner !== 'among others' || stuck === undefined) throw error
      return answerOf(await obey(stuck))
    }
  }

  const work = async (step: Next, { steps, others }: Page): Promise<string> => {
    const begin = others.filter(command => /agent action/.test(command))
    for (const command of begin) await obey(command)
    const files = write(step, steps)
    let [first = '', ...rest] = steps
    for (const command of manner === 'curious' ? others : []) {
      const key = `${step.step_id} ${step.wp_id} ${command}`
      if (begin.includes(command) || tried.has(key)) continue
      tried.add(key)
      // What rejects stands instead of what approves.
      if (/--to planned/.test(command)) first = command
      else await obey(command)
    }
    let out = ''
    for (const command of [first, ...rest]) out = await obey(command, files)
    return out
  }
  return { name, obey, follow }
}

/** `next` that is blocked, and a plan that is only laid out, are answers, not refusals. */
function isAnswer(words: readonly string[], stdout: string): boolean {
  if (words[0] === 'next') return /"kind": ?"(?:blocked|decision_required)"/.test(stdout)
  return words.includes('setup-plan') && /"result": ?"blocked"/.test(stdout)
}
