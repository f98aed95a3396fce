/** The editions that a mission may pass through, and how each is run. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Answer, PROGRAM, type Repository } from './repository.ts'

export const EDITIONS = ['ours', '3.2.7', '4.0'] as const
export type Edition = (typeof EDITIONS)[number]

/** Where the programs are: SK_PY327 and SK_PY40 name them. */
export const PROGRAMS: Readonly<Record<Edition, string | undefined>> = {
  ours: PROGRAM,
  '3.2.7': process.env.SK_PY327,
  '4.0': process.env.SK_PY40,
}

/** Why an edition cannot be had here; undefined where it can. */
export function missing(edition: Edition): string | undefined {
  const program = PROGRAMS[edition]
  if (program !== undefined && existsSync(program)) return undefined
  const variable = edition === '3.2.7' ? 'SK_PY327' : 'SK_PY40'
  return `${variable} names no program: pip install spec-kitty-cli==${edition === '4.0' ? '4.0.0rc7' : edition}`
}

/** Both take commits to protected branches where the environment says so. */
const ALLOWED = { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: '1' }

/** Runs each edition in one repository. A Python edition is loaded once and forked for each command. */
export class EditionRunner {
  private readonly repository: Repository
  private readonly servers = new Map<Edition, ChildProcess>()

  constructor(repository: Repository) {
    this.repository = repository
  }

  /** What it printed. Throws with all it said when the exit status is not 0. */
  run(edition: Edition, ...words: string[]): string {
    const { status, stdout, stderr } =
      edition === 'ours' ? this.repository.run(words) : this.python(edition, words)
    if (status !== 0) throw new Error(`${edition}: ${words.join(' ')}: ${status}\n${stdout}\n${stderr}`)
    return stdout
  }

  private python(edition: Edition, words: readonly string[]): Answer {
    const { dir, root, env } = this.repository
    const [ask, answer] = ['ask', 'answer'].map(name => join(dir, `${edition}-${name}`))
    if (ask === undefined || answer === undefined) throw new Error('no pipes')
    if (!this.servers.has(edition)) {
      execFileSync('mkfifo', [ask, answer])
      const python = join(dirname(realpathSync(PROGRAMS[edition] ?? '')), 'python')
      const server = join(import.meta.dirname, 'edition_server.py')
      const home = join(dir, `home-${edition}`)
      mkdirSync(home)
      const started = spawn(python, [server, root, ask, answer], {
        cwd: dir,
        env: { ...env, ...ALLOWED, HOME: home },
        stdio: 'inherit',
      })
      this.servers.set(edition, started)
    }
    writeFileSync(ask, `${JSON.stringify(words)}\n`)
    return JSON.parse(readFileSync(answer, 'utf8'))
  }

  stop(): void {
    for (const server of this.servers.values()) server.kill()
  }
}
