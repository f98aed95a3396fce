/** The editions that a mission may pass through, and how each is run. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Answer, PROGRAM, type Repository } from './repository.ts'

export const EDITIONS = ['ours', '3.2.7', '4.0'] as const
/** 3.2.0 cannot read what the later ones write: it takes part in random walks only, as long as it can. */
export const ALL_EDITIONS = [...EDITIONS, '3.2.0'] as const
export type Edition = (typeof ALL_EDITIONS)[number]

/** Where the programs are: SK_PY, SK_PY327 and SK_PY40 name them. */
export const PROGRAMS: Readonly<Record<Edition, string | undefined>> = {
  ours: PROGRAM,
  '3.2.0': process.env.SK_PY,
  '3.2.7': process.env.SK_PY327,
  '4.0': process.env.SK_PY40,
}

/** Why an edition cannot be had here; undefined where it can. */
export function missing(edition: Edition): string | undefined {
  const program = PROGRAMS[edition]
  if (program !== undefined && existsSync(program)) return undefined
  const variable = edition === '4.0' ? 'SK_PY40' : edition === '3.2.7' ? 'SK_PY327' : 'SK_PY'
  return `${variable} names no program: pip install spec-kitty-cli==${edition === '4.0' ? '4.0.0rc7' : edition}`
}

/** Both take commits to protected branches where the environment says so. */
const ALLOWED = { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: '1' }

/** Runs each edition, in any repository. A Python edition is loaded once and forked for each command. */
export class EditionRunner {
  private readonly dir = mkdtempSync(join(tmpdir(), 'spec-kitty-editions-'))
  private readonly servers = new Map<Edition, ChildProcess>()

  /** What it printed. Throws with all it said when the exit status is not 0. */
  run(repository: Repository, edition: Edition, ...words: string[]): string {
    const { status, stdout, stderr } =
      edition === 'ours' ? repository.run(words) : this.python(repository, edition, words)
    if (status !== 0) throw new Error(`${edition}: ${words.join(' ')}: ${status}\n${stdout}\n${stderr}`)
    return stdout
  }

  private python(repository: Repository, edition: Edition, words: readonly string[]): Answer {
    const { dir, root } = repository
    const home = join(dir, `home-${edition}`)
    mkdirSync(home, { recursive: true })
    const env = { ...repository.env, ...ALLOWED, HOME: home }
    const [ask, answer] = ['ask', 'answer'].map(name => join(this.dir, `${edition}-${name}`))
    if (ask === undefined || answer === undefined) throw new Error('no pipes')
    if (!this.servers.has(edition)) {
      execFileSync('mkfifo', [ask, answer])
      const python = join(dirname(realpathSync(PROGRAMS[edition] ?? '')), 'python')
      const server = join(import.meta.dirname, 'edition_server.py')
      this.servers.set(
        edition,
        spawn(python, [server, root, ask, answer], { cwd: this.dir, env, stdio: 'inherit' }),
      )
    }
    writeFileSync(ask, `${JSON.stringify({ root, env, words })}\n`)
    return JSON.parse(readFileSync(answer, 'utf8'))
  }

  stop(): void {
    for (const server of this.servers.values()) server.kill()
    rmSync(this.dir, { recursive: true, force: true })
  }
}
