/** One mission through five stages, the first of them by one edition, the rest by another. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
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
import { PROGRAM } from './mission-repository.ts'

export const STAGES = ['plan', 'implement', 'review', 'accept', 'land'] as const
export type Stage = (typeof STAGES)[number]
export const EDITIONS = ['ours', '3.2.7', '4.0'] as const
export type Edition = (typeof EDITIONS)[number]

/** Where the programs are: SK_PY327 and SK_PY40 name them. */
const PROGRAMS: Readonly<Record<Edition, string | undefined>> = {
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

const PACKAGES = [
  { id: 'WP01', title: 'Core', tasks: ['T001', 'T002'], folder: 'core', ref: 'FR-001' },
  { id: 'WP02', title: 'Sub', tasks: ['T003'], folder: 'sub', ref: 'FR-002' },
] as const

const SPEC = `# Feature Specification: Calc

## Functional Requirements

| ID | Title | Description | Priority | Status |
|----|-------|-------------|----------|--------|
| FR-001 | Add | The tool adds two integers. | High | Open |
| FR-002 | Sub | The tool subtracts two integers. | High | Open |

## Non-Functional Requirements

- **NFR-001**: runs in under one second

## Constraints

- **C-001**: standard library only
`
const PLAN = `# Implementation Plan: Calc

## Summary

A small tool.

## Technical Context

**Language/Version**: Python 3.11
**Primary Dependencies**: none
**Storage**: N/A
**Testing**: unittest
**Project Type**: single

## Project Structure

src/core, src/sub
`
const IGNORED = [
  '.worktrees/',
  'kitty-ops/',
  '.kittify/runtime/',
  '.kittify/workspaces/',
  '.kittify/derived/',
  '.kittify/sync-state.json',
  '.kittify/legacy-warning-shown-*',
  '.kittify/encoding-provenance/',
  'mission-events.jsonl',
]

interface ChainRow {
  readonly event_id: string
  readonly wp_id: string
  readonly to_lane?: string
  readonly policy_metadata?: { readonly lane_head?: string } | null
}

interface Said {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export class Chain {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-chain-')))
  readonly root = join(this.dir, 'repo')
  slug = ''
  private ids: ReadonlySet<string> = new Set()
  private readonly home: string | undefined
  private readonly servers = new Map<Edition, ChildProcess>()

  /** `home`: the branch beside the target on which a mission of ours is planned. */
  constructor(home?: string) {
    this.home = home
    mkdirSync(join(this.root, '.kittify'), { recursive: true })
    this.git('init', '-q', '-b', 'work')
    this.write(
      '.kittify/config.yaml',
      'agents:\n  available:\n  - claude\n  auto_commit: true\nmission_type_activations:\n- software-dev\n',
    )
    this.write(
      '.kittify/metadata.yaml',
      "spec_kitty:\n  version: 3.2.0\n  schema_version: 3\n  initialized_at: '2026-01-01T00:00:00+00:00'\n",
    )
    this.write('.gitignore', `${IGNORED.join('\n')}\n`)
    this.commit('project')
  }

  /** One stage, and what must hold after it: every edition finds the mission sound, no event is lost. */
  stage(stage: Stage, by: Edition, judges: readonly Edition[]): void {
    this[stage](by)
    this.commit(`${stage} by ${by}`)
    for (const judge of judges) {
      // 4.0 says in its snapshot that it counts one key more, and then 3.2.7 finds what 4.0 itself has written drifted.
      if (judge !== '3.2.7' || !this.isOfFour()) {
        this.run(judge, 'agent', 'status', 'validate', '--mission', this.slug)
      }
    }
    const now = new Set(this.rows().map(row => row.event_id))
    const lost = [...this.ids].filter(id => !now.has(id))
    if (lost.length > 0) throw new Error(`${stage} by ${by} lost events: ${lost.join(', ')}`)
    this.ids = now
  }

  private isOfFour(): boolean {
    const path = join(this.root, 'kitty-specs', this.slug, 'status.json')
    return existsSync(path) && /"schema_version": 2/.test(readFileSync(path, 'utf8'))
  }

  private plan(by: Edition): void {
    const words = [
      '--friendly-name',
      'Calc',
      '--purpose-tldr',
      'Small',
      '--purpose-context',
      'To try the flow.',
    ]
    const place = this.home === undefined ? [] : ['--home-branch', this.home]
    const topology = by === 'ours' ? place : ['--topology', 'lanes']
    const made = this.run(by, 'agent', 'mission', 'create', 'calc-cli', ...words, ...topology, '--json')
    this.slug = /"mission_slug": ?"([^"]+)"/.exec(made)?.[1] ?? ''
    const dir = `kitty-specs/${this.slug}`
    this.write(`${dir}/spec.md`, SPEC)
    this.commit('spec')
    this.write(`${dir}/plan.md`, PLAN)
    this.commit('plan')
    this.run(by, 'agent', 'mission', 'setup-plan', '--mission', this.slug, '--json')
    const sections = PACKAGES.map(
      ({ id, title, tasks, ref }) =>
        `## Work Package ${id}: ${title}\n\n**Requirement Refs**: ${ref}${id === 'WP02' ? ', NFR-001' : ''}\n**Dependencies**: None\n\n${tasks.map(task => `- [ ] ${task} write\n`).join('')}`,
    )
    this.write(`${dir}/tasks.md`, `# Work Packages: Calc\n\n${sections.join('\n')}`)
    for (const { id, title, tasks, folder, ref } of PACKAGES) {
      this.write(
        `${dir}/tasks/${id}-${folder}.md`,
        `---\nwork_package_id: ${id}\ntitle: ${title}\ndependencies: []\nrequirement_refs: [${ref}]\ncreate_intent: [src/${folder}/m.py]\nsubtasks:\n- ${tasks.join('\n- ')}\nexecution_mode: code_change\nowned_files:\n- src/${folder}/**\nauthoritative_surface: src/${folder}/\n---\n\n# ${id}\n\nDo it.\n\n## Activity Log\n\n- 2026-01-01T00:00:00Z - system - Prompt created.\n`,
      )
    }
    this.commit('tasks')
    this.run(by, 'agent', 'mission', 'finalize-tasks', '--mission', this.slug, '--json')
    const report = join(this.dir, 'analysis.md')
    writeFileSync(report, '# Analysis\n\nAll fine.\n')
    this.run(
      by,
      'agent',
      'mission',
      'record-analysis',
      '--mission',
      this.slug,
      '--input-file',
      report,
      '--json',
    )
  }

  private implement(by: Edition): void {
    for (const { id, tasks, folder } of PACKAGES) {
      this.run(by, 'agent', 'action', 'implement', id, '--mission', this.slug, '--agent', 'claude')
      const lane = join(this.root, '.worktrees', `${this.slug}-lane-${id === 'WP01' ? 'a' : 'b'}`)
      mkdirSync(join(lane, 'src', folder), { recursive: true })
      writeFileSync(join(lane, 'src', folder, 'm.py'), `# ${id}\n`)
      this.git('-C', lane, 'add', 'src')
      this.git('-C', lane, 'commit', '-qm', `feat(${id})`)
      this.run(
        by,
        'agent',
        'tasks',
        'mark-status',
        ...tasks,
        '--status',
        'done',
        '--mission',
        this.slug,
        '--json',
      )
      this.move(by, id, 'for_review')
    }
  }

  private review(by: Edition): void {
    for (const { id } of PACKAGES) {
      this.run(by, 'agent', 'action', 'review', id, '--mission', this.slug, '--agent', 'codex')
      this.move(by, id, 'approved', '--note', 'ok', '--agent', 'codex')
    }
  }

  private accept(by: Edition): void {
    // What a person does before: every criterion is verified.
    const matrix = `kitty-specs/${this.slug}/acceptance-matrix.json`
    if (existsSync(join(this.root, matrix))) {
      const document = JSON.parse(readFileSync(join(this.root, matrix), 'utf8'))
      const seen = { evidence: 'tests', pass_fail: 'pass', verified_by: 'ann', verified_at: '2026-01-01' }
      for (const criterion of document.criteria) Object.assign(criterion, seen)
      this.write(matrix, `${JSON.stringify(document, null, 2)}\n`)
      this.commit('verified')
    }
    this.run(by, 'accept', '--mission', this.slug, '--mode', 'local', '--lenient', '--json')
  }

  private land(by: Edition): void {
    const word = by === '4.0' ? 'consolidate' : 'merge'
    this.run(by, word, '--mission', this.slug, '--yes', ...(by === '4.0' ? this.attestation() : []))
    const lanes = new Map(
      this.rows().flatMap(row => (row.to_lane === undefined ? [] : [[row.wp_id, row.to_lane]])),
    )
    const landed = this.git('ls-tree', '-r', '--name-only', 'work', 'src').trim().split('\n')
    const is = JSON.stringify([[...lanes], landed])
    const wanted = JSON.stringify([PACKAGES.map(({ id }) => [id, 'done']), ['src/core/m.py', 'src/sub/m.py']])
    if (is !== wanted) throw new Error(`landed by ${by}: ${is}`)
  }

  /**
   * The last stage by a forge: pushed from home, squashed there, settled here. The judges look at home before and after,
   * and on the target; the last of them records the landing, as an edition does that has only the pull request.
   */
  landByForge(judges: readonly Edition[]): void {
    const agree = (wanted: object) => {
      for (const judge of judges) {
        this.run(judge, 'agent', 'status', 'validate', '--mission', this.slug)
        const board = this.run(judge, 'agent', 'tasks', 'status', '--mission', this.slug, '--json')
        const { by_lane: lanes } = JSON.parse(board.slice(board.indexOf('{'))) as { readonly by_lane: object }
        if (JSON.stringify(lanes) !== JSON.stringify(wanted))
          throw new Error(`${judge} on ${this.git('branch', '--show-current').trim()}: ${board}`)
      }
    }
    this.git('clone', '-q', '--bare', '.', '../origin.git')
    this.git('remote', 'add', 'origin', join(this.dir, 'origin.git'))
    this.git('fetch', '-q', 'origin')
    this.run('ours', 'merge', '--pr', '--mission', this.slug)
    agree({ approved: 2 })
    const forge = join(this.dir, 'forge')
    this.git('clone', '-q', join(this.dir, 'origin.git'), forge, '-b', 'work')
    this.git('-C', forge, 'merge', '-q', '--squash', `origin/kitty/pr/${this.slug}`)
    this.git('-C', forge, 'commit', '-qm', 'Calc (#1)')
    this.git('-C', forge, 'push', '-q', 'origin', 'work')
    this.git('fetch', '-q', 'origin')
    this.run('ours', 'merge', '--landed')
    agree({ done: 2 })
    this.git('switch', '-q', 'work')
    this.git('merge', '-q', '--ff-only', 'origin/work')
    agree({ done: 2 })
    const landed = this.git('rev-parse', 'work').trim()
    const last = judges.at(-1) ?? 'ours'
    this.run(
      last,
      'accept',
      '--mission',
      this.slug,
      '--mode',
      'pr',
      '--merge-commit',
      landed,
      '--attest-first-landing-commit',
      '--lenient',
      '--json',
    )
    agree({ done: 2 })
  }

  /** 3.2.7 approves without naming the commit, and 4.0 then wants a person's word for it. */
  private attestation(): readonly string[] {
    const named = (row: ChainRow) => row.policy_metadata?.lane_head !== undefined
    if (this.rows().every(row => row.to_lane !== 'approved' || named(row))) return []
    const each = PACKAGES.flatMap(({ id }) => ['--attest-approved-reviewed', id])
    return [...each, '--attest-reason', 'looked at by hand']
  }

  private move(by: Edition, id: string, to: string, ...more: string[]): void {
    this.run(by, 'agent', 'tasks', 'move-task', id, '--to', to, '--mission', this.slug, '--json', ...more)
  }

  /** Throws with all it said when the exit status is not 0. */
  run(edition: Edition, ...words: string[]): string {
    const { status, stdout, stderr } = edition === 'ours' ? this.ours(words) : this.python(edition, words)
    if (status !== 0) throw new Error(`${edition}: ${words.join(' ')}: ${status}\n${stdout}\n${stderr}`)
    return stdout
  }

  private ours(words: readonly string[]): Said {
    return spawnSync(PROGRAM, words, { cwd: this.root, env: this.env(), encoding: 'utf8' })
  }

  private python(edition: Edition, words: readonly string[]): Said {
    const [ask, answer] = ['ask', 'answer'].map(name => join(this.dir, `${edition}-${name}`))
    if (ask === undefined || answer === undefined) throw new Error('no pipes')
    if (!this.servers.has(edition)) {
      execFileSync('mkfifo', [ask, answer])
      const python = join(dirname(realpathSync(PROGRAMS[edition] ?? '')), 'python')
      const server = join(import.meta.dirname, 'edition_server.py')
      const env = { ...this.env(), HOME: join(this.dir, `home-${edition}`) }
      mkdirSync(env.HOME)
      this.servers.set(
        edition,
        spawn(python, [server, this.root, ask, answer], { cwd: this.dir, env, stdio: 'inherit' }),
      )
    }
    writeFileSync(ask, `${JSON.stringify(words)}\n`)
    return JSON.parse(readFileSync(answer, 'utf8'))
  }

  private rows(): ChainRow[] {
    const text = readFileSync(join(this.root, 'kitty-specs', this.slug, 'status.events.jsonl'), 'utf8')
    return text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  }

  /** The repository as it is now, to come back to: worktrees name their places absolutely. */
  save(name: string): void {
    cpSync(this.root, join(this.dir, name), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    })
  }

  restore(name: string): void {
    rmSync(this.root, { recursive: true, force: true })
    cpSync(join(this.dir, name), this.root, {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    })
    this.ids = new Set(this.slug === '' ? [] : this.rows().map(row => row.event_id))
  }

  cleanup(): void {
    for (const server of this.servers.values()) server.kill()
    rmSync(this.dir, { recursive: true, force: true })
  }

  private git(...words: string[]): string {
    return execFileSync('git', words, { cwd: this.root, env: this.env(), encoding: 'utf8' })
  }

  private commit(message: string): void {
    this.git('add', '-A')
    if (this.git('status', '--porcelain') !== '') this.git('commit', '-qm', message)
  }

  private write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  private env(): Record<string, string> {
    const user = { NAME: 'Test User', EMAIL: 'test@example.com' }
    const names = Object.entries(user).flatMap(([key, value]) =>
      ['AUTHOR', 'COMMITTER'].map(who => [`GIT_${who}_${key}`, value] as const),
    )
    return {
      PATH: process.env.PATH ?? '',
      HOME: join(this.dir, 'home'),
      TZ: 'UTC',
      LC_ALL: 'C.UTF-8',
      NO_COLOR: '1',
      SPEC_KITTY_NO_UPGRADE_CHECK: '1',
      SPEC_KITTY_ENABLE_SAAS_SYNC: '0',
      SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      ...Object.fromEntries(names),
    }
  }
}
