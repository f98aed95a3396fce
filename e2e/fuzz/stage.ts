/** Where a walk takes place: a repository with a mission, a remote, a second clone; and a notebook of all that was typed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCli } from '@spec-kitty/cli/testing/run-cli'
import { IGNORED, laneBranchOf, MISSION_BRANCH, makeLane } from '@spec-kitty/host/testing/lanes'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import type { World } from '@spec-kitty/host/testing/world'
import { createSite, type Site } from './layouts.ts'
import type { Dice } from './random.ts'
import { type Camera, createCamera } from './snapshot.ts'

/** What a command of the product answered. */
export interface Answer {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** Undefined when stdout is not one JSON document. */
  readonly document: Readonly<Record<string, unknown>> | undefined
}

export interface Stage extends Site {
  readonly camera: Camera
  readonly wps: readonly string[]
  /** What was typed, as lines of a shell script. */
  readonly typed: string[]
  /** Runs the product in this process; `--json` is for the caller to give. `cwd` from the top. */
  readonly product: (words: readonly string[], cwd?: string) => Promise<Answer>
  /** Runs the built program and kills it at a step; answers whether it was killed. */
  readonly killed: (words: readonly string[], step: number) => boolean
  /** Types lines into a shell at the top (or `cwd`); answers stdout and stderr together. */
  readonly sh: (script: string, cwd?: string) => { readonly status: number; readonly output: string }
  /** A text that no other file holds. */
  readonly word: () => string
  readonly lanes: () => readonly LaneRow[]
  readonly cleanup: () => void
}

export const SLUG = MISSION_SLUG
export const REL = `kitty-specs/${SLUG}`
/** The top of the sources: the built program lies below it. */
const ROOT = process.env.SK_FUZZ_ROOT ?? join(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, 'bin/spec-kitty')
const KILLER = join(ROOT, 'packages/cli/src/testing/killer.cjs')

/** A random mission: one to five packages with dependencies, planned or already built and approved; `ready`: all are. */
export function createStage(dice: Dice, ready = false): Stage {
  const site = createSite(dice)
  const { w, target } = site
  const wps = arrange(w, dice, target, ready)
  const typed: string[] = []
  let words = 0
  const shell = { ...w.env, PATH: `${join(PROGRAM, '..')}:${w.env.PATH}` }
  return {
    ...site,
    camera: createCamera(w.dir),
    wps,
    typed,
    product: async (args, cwd = '.') => {
      typed.push(line(cwd, `spec-kitty ${args.map(quote).join(' ')}`))
      const answer = answerOf(await runCli({ ports: w.at(cwd) }, args))
      if (answer.status !== 0) typed.push(brief(answer).replaceAll(/^/gm, '#   '))
      return answer
    },
    killed: (args, step) => {
      typed.push(`# killed at step ${step}: spec-kitty ${args.map(quote).join(' ')}`)
      const env = { ...w.env, KILL_AT: String(step), KILL_NOW: String(Date.parse(w.ports.clock.now())) }
      const program = join(ROOT, 'packages/cli/dist/cli.cjs')
      const child = spawnSync(process.execPath, ['--require', KILLER, program, ...args], {
        cwd: w.root,
        env,
        timeout: 60_000,
        // A group of its own: the git that it started is waited for.
        ...{ detached: true },
      })
      awaitGroup(child.pid)
      return child.signal === 'SIGKILL'
    },
    sh: (script, cwd = '.') => {
      typed.push(line(cwd, script))
      const options = { cwd: join(w.root, cwd), env: shell, encoding: 'utf8', timeout: 60_000 } as const
      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], options)
      const output = `${stdout ?? ''}${stderr ?? ''}`.trimEnd()
      if (status !== 0) typed.push(`${status}: ${output.slice(0, 1500)}`.replaceAll(/^/gm, '#   '))
      return { status: status ?? 1, output }
    },
    word: () => `u${(++words).toString(36)}_${dice.int(1e9).toString(36)}`,
    lanes: () => lanesOf(w),
    cleanup: w.cleanup,
  }
}

/** The git that a killed program had started goes on for a moment. */
function awaitGroup(leader: number): void {
  for (let tries = 0; tries < 500; tries++) {
    try {
      process.kill(-leader, 0)
    } catch {
      return
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  }
}

interface LaneRow {
  readonly lane_id: string
  readonly wp_ids: readonly string[]
}

/** As lanes.json has them; from the mission branch where the checkout has none. */
function lanesOf(w: World): readonly LaneRow[] {
  const path = join(w.root, REL, 'lanes.json')
  const text = existsSync(path)
    ? readFileSync(path, 'utf8')
    : ask(w, 'show', `${MISSION_BRANCH}:${REL}/lanes.json`)
  try {
    return JSON.parse(text ?? '').lanes
  } catch {
    return []
  }
}

const FILES = ['a.txt', 'b.txt', 'dir/c.txt', 'dir/sub/d.txt', 'tool.sh', 'crlf.txt'] as const

/** Paths that edits meet in, so that they collide now and then. */
export const PATHS: readonly string[] = [
  ...FILES,
  'new/n.txt',
  'new',
  'dir/sub',
  'src/x.txt',
  'weiß und blau.txt',
  '-dash.txt',
  'two\nlines.txt',
  "it's.txt",
]

function arrange(w: World, dice: Dice, target: string, ready: boolean): readonly string[] {
  const wps = Array.from({ length: 1 + dice.int(ready ? 2 : 5) }, (_, i) => `WP0${i + 1}`)
  const deps = Object.fromEntries(
    wps.map(
      (wp, i) => [wp, i > 0 && !ready && dice.chance(0.4) ? [wps[dice.int(i)] ?? 'WP01'] : []] as const,
    ),
  )
  for (const name of FILES) {
    const eol = name === 'crlf.txt' ? '\r\n' : '\n'
    w.write(name, Array.from({ length: 12 }, (_, i) => `${name} line ${i}${eol}`).join(''))
  }
  w.write('.gitignore', `${IGNORED}*.log\n`)
  w.commit('first')
  writeFileSync(join(w.dir, 'feedback.md'), 'Please mend it\n')
  if (dice.chance(0.1)) w.git('config', 'core.autocrlf', 'true')
  if (dice.chance(0.1)) w.write('.gitattributes', '* text=auto\n')
  addMission(w, { wps, deps, tasksMd: tasksText(wps, deps) })
  if (dice.chance(0.15))
    w.write('.kittify/config.yaml', 'agents:\n  available:\n  - claude\n  auto_commit: false\n')
  const built = wps.filter((_, i) => (ready || dice.chance(0.5)) && (deps[wps[i] ?? ''] ?? []).length === 0)
  for (const [i, wp] of built.entries()) advance(w, wp, 'approved', 100 + i * 10)
  if (built.length > 0) {
    const path = `${REL}/tasks.md`
    const rows = w
      .read(path)
      .replaceAll(/- \[ \] T0(\d)/g, (row, n) =>
        built.includes(`WP0${n}`) ? row.replace('[ ]', '[x]') : row,
      )
    w.write(path, rows)
  }
  w.commit('mission')
  if (built.length > 0 || dice.chance(0.3)) w.git('branch', MISSION_BRANCH)
  for (const wp of built) {
    const lane = `lane-${String.fromCharCode(97 + wps.indexOf(wp))}`
    makeLane(w, lane, { [`src/${wp.toLowerCase()}/code.txt`]: `${wp} by hand\n` })
  }
  if (dice.chance(0.5)) addRemote(w, dice, target)
  return wps
}

function tasksText(wps: readonly string[], deps: Readonly<Record<string, readonly string[]>>): string {
  const sections = wps.map(wp => {
    const needs = deps[wp]?.length ? `**Dependencies**: ${deps[wp].join(', ')}\n\n` : ''
    const rows = [1, 2].map(n => `- [ ] T${wp.slice(2)}${n} step\n`).join('')
    return `## Work Package ${wp}: Title ${wp}\n\n${needs}**Requirement Refs**: FR-001, FR-002\n\n${rows}\n`
  })
  return `# Tasks\n\n${sections.join('')}`
}

function addRemote(w: World, dice: Dice, target: string): void {
  w.gitAt(w.dir, 'init', '-q', '--bare', '-b', target, 'remote.git')
  rmSync(join(w.dir, 'remote.git/hooks'), { recursive: true, force: true })
  w.git('remote', 'add', 'origin', '../remote.git')
  w.git('push', '-q', '-u', 'origin', target)
  if (dice.chance(0.3)) w.git('push', '-q', 'origin', '--all')
  w.gitAt(w.dir, 'clone', '-q', 'remote.git', 'mate')
  rmSync(join(w.dir, 'mate/.git/hooks'), { recursive: true, force: true })
}

function answerOf({ status, stdout, stderr }: { status: number; stdout: string; stderr: string }): Answer {
  let document: Answer['document']
  try {
    document = JSON.parse(stdout)
  } catch {
    document = undefined
  }
  return { status, stdout, stderr, document }
}

interface Problem {
  readonly code?: string
  readonly message?: string
  readonly remediation?: string | readonly string[]
  readonly hint?: string
  readonly remedy?: string
}

/** A refusal as a person reads it. */
export function brief({ status, document, stdout, stderr }: Answer): string {
  if (document === undefined) return `${status}: ${stdout}${stderr}`.slice(0, 2000)
  const blockers = (document.blockers ?? []) as readonly Problem[]
  const { code, error, hint } = document
  const first = `${status} ${String(code)}: ${String(error ?? document.message)} | ${String(hint)}`
  if (blockers.length === 0) return error === undefined ? `${status}: ${stdout.slice(0, 2000)}` : first
  return blockers
    .map(
      ({ code: word, message, remediation, hint: more, remedy }) =>
        `${status} ${word}: ${message} | ${String(remediation ?? remedy ?? more)}`,
    )
    .join('\n')
}

function line(cwd: string, script: string): string {
  return cwd === '.' ? script : `(cd ${quote(cwd)} && { ${script}\n})`
}

export function quote(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** Of a commit-like question that may fail. */
export function ask(w: World, ...args: string[]): string | undefined {
  try {
    return execFileSync('git', args, {
      cwd: w.root,
      env: w.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1e8,
    })
  } catch {
    return undefined
  }
}

export { laneBranchOf, MISSION_BRANCH }
