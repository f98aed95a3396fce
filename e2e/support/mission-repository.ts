/** A throw-away repository with one minimal mission, and our program (and the Python edition) to drive it as black boxes. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
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
import { publishedPackages } from './published.ts'

/** Ours; SK_PROGRAM names another build of it. */
export const PROGRAM = process.env.SK_PROGRAM ?? join(import.meta.dirname, '../../bin/spec-kitty')

const MISSION_ID = '01KQW4DF0000000000000000A1'
export const SLUG = `demo-feature-${MISSION_ID.slice(0, 8)}`

/** What the Python edition 3.2.0 starts with: with newer releases of typer and click it does not. */
const PYTHON_EDITION = ['spec-kitty-cli==3.2.0', 'typer==0.24.1', 'click==8.3.3']

/** The Python edition 3.2.0, named by SK_PY or installed from PyPI; and why it is not used. */
export function pythonEdition(): { readonly program: string | undefined; readonly reason: string } {
  const named = process.env.SK_PY
  if (named !== undefined) {
    const usable = existsSync(named)
    return { program: usable ? named : undefined, reason: usable ? '' : `SK_PY: no such program: ${named}` }
  }
  const { directory, reason } = publishedPackages('python-edition-3.2.0', PYTHON_EDITION)
  return { program: directory === undefined ? undefined : join(directory, 'bin', 'spec-kitty'), reason }
}

export interface Row {
  readonly event_id: string
  readonly wp_id: string
  readonly from_lane: string
  readonly to_lane: string
}

export interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface MissionRepository {
  readonly dir: string
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  /** Absolute path of a file of the mission. */
  readonly file: (name: string) => string
  readonly git: (...args: string[]) => string
  readonly run: (words: readonly string[], program?: string) => Answer
  readonly start: (words: readonly string[], program?: string) => ChildProcess
  /** The rows of the log; throws when a line is not JSON. */
  readonly rows: () => readonly Row[]
  readonly cleanup: () => void
}

/** Work packages are planned, everything is committed on branch `work`. */
export function createMissionRepository(wps: readonly string[]): MissionRepository {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-e2e-')))
  const root = join(dir, 'repo')
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: join(dir, 'home'),
    TZ: 'UTC',
    LC_ALL: 'C.UTF-8',
    NO_COLOR: '1',
    SPEC_KITTY_NO_UPGRADE_CHECK: '1',
    SPEC_KITTY_ENABLE_SAAS_SYNC: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test User',
    GIT_AUTHOR_EMAIL: 'test@example.com',
    GIT_COMMITTER_NAME: 'Test User',
    GIT_COMMITTER_EMAIL: 'test@example.com',
  }
  for (const name of ['repo', 'home']) mkdirSync(join(dir, name))
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, env, encoding: 'utf8' }).trim()
  const file = (name: string): string => join(root, 'kitty-specs', SLUG, name)
  git('init', '-q', '-b', 'work')
  for (const [name, content] of missionFiles(wps)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), content)
  }
  git('add', '-A')
  git('commit', '-qm', 'fixture')
  const command = (program: string): readonly [string, readonly string[]] =>
    program === PROGRAM ? [process.execPath, [PROGRAM]] : [program, []]
  return {
    dir,
    root,
    env,
    file,
    git,
    run: (words, program = PROGRAM) => {
      const [executable, first] = command(program)
      return spawnSync(executable, [...first, ...words], { cwd: root, env, encoding: 'utf8' })
    },
    start: (words, program = PROGRAM) => {
      const [executable, first] = command(program)
      return spawn(executable, [...first, ...words], { cwd: root, env })
    },
    rows: () => {
      const lines = readFileSync(file('status.events.jsonl'), 'utf8').split('\n')
      return lines.filter(line => line !== '').map(line => JSON.parse(line) as Row)
    },
    cleanup: () => rmSync(dir, { recursive: true, force: true }),
  }
}

function missionFiles(wps: readonly string[]): readonly (readonly [string, string])[] {
  const home = `kitty-specs/${SLUG}`
  const meta = {
    created_at: '2026-01-01T00:00:00+00:00',
    friendly_name: 'Demo feature',
    mission_id: MISSION_ID,
    mission_number: null,
    mission_slug: SLUG,
    mission_type: 'software-dev',
    slug: SLUG,
    target_branch: 'work',
  }
  return [
    ['.kittify/config.yaml', 'agents:\n  available:\n  - claude\n  auto_commit: true\n'],
    [
      '.kittify/metadata.yaml',
      "spec_kitty:\n  version: 3.2.0\n  schema_version: 3\n  initialized_at: '2026-01-01T00:00:00+00:00'\n",
    ],
    [`${home}/meta.json`, `${JSON.stringify(meta, null, 2)}\n`],
    [`${home}/spec.md`, '# Spec\n\n- **FR-001**: one\n'],
    [`${home}/plan.md`, '# Plan\n'],
    [
      `${home}/tasks.md`,
      `# Tasks\n\n${wps.map(wp => `## Work Package ${wp}: ${wp}\n\n- [ ] T${wp.slice(2)}1 one\n`).join('\n')}`,
    ],
    ...wps.map(wp => [`${home}/tasks/${wp}-demo.md`, workPackage(wp)] as const),
    [`${home}/status.events.jsonl`, wps.map((wp, i) => `${plannedLine(wp, i)}\n`).join('')],
  ]
}

function workPackage(wp: string): string {
  return `---\nwork_package_id: ${wp}\ntitle: Title ${wp}\ndependencies: []\nsubtasks: []\nexecution_mode: code_change\nowned_files:\n- src/${wp}/**\nhistory: []\n---\n\n# ${wp}\n\n## Activity Log\n`
}

/** As the Python edition writes it: sorted keys, blanks after separators. */
function plannedLine(wp: string, index: number): string {
  const at = `2026-01-01T00:00:${String(index).padStart(2, '0')}.000000+00:00`
  const id = `01KQW4DG${String(index).padStart(18, '0')}`
  return `{"actor": "finalize-tasks", "at": "${at}", "event_id": "${id}", "evidence": null, "execution_mode": "worktree", "force": false, "from_lane": "genesis", "mission_id": "${MISSION_ID}", "mission_slug": "${SLUG}", "policy_metadata": null, "reason": "canonical bootstrap", "review_ref": null, "to_lane": "planned", "wp_id": "${wp}"}`
}
