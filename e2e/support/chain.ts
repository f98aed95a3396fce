/** One mission through five stages, the first of them by one edition, the rest by another. */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGES, PLAN, SPEC, taskDocuments } from './calc-documents.ts'
import { type Edition, EditionRunner } from './editions.ts'
import { createRepository, type Repository } from './repository.ts'

export const STAGES = ['plan', 'implement', 'review', 'accept', 'land'] as const
export type Stage = (typeof STAGES)[number]

/** Caches and notes of the editions. */
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

/** A project that 3.2.0 set up and later editions work in. */
const PROJECT = [
  [
    '.kittify/config.yaml',
    'agents:\n  available:\n  - claude\n  auto_commit: true\nmission_type_activations:\n- software-dev\n',
  ],
  [
    '.kittify/metadata.yaml',
    "spec_kitty:\n  version: 3.2.0\n  schema_version: 3\n  initialized_at: '2026-01-01T00:00:00+00:00'\n",
  ],
  ['.gitignore', `${IGNORED.join('\n')}\n`],
] as const

export interface ChainRow {
  readonly event_id: string
  readonly wp_id: string
  readonly to_lane?: string
  readonly kind?: string
  readonly event_type?: string
  readonly policy_metadata?: { readonly lane_head?: string } | null
}

export interface ChainPlace {
  readonly home?: string | undefined
  readonly target?: string | undefined
  readonly crlf?: boolean | undefined
}

export class Chain {
  slug = ''
  private ids: ReadonlySet<string> = new Set()
  readonly repository: Repository
  private readonly home: string | undefined
  private readonly target: string
  private readonly editions: EditionRunner

  /** `home`: the branch beside the target on which a mission of ours is planned. `crlf`: a clone as Windows has it. */
  constructor({ home, target = 'work', crlf = false }: ChainPlace = {}, editions = new EditionRunner()) {
    this.home = home
    this.target = target
    this.repository = createRepository(PROJECT, target)
    this.editions = editions
    if (crlf) {
      this.git('config', 'core.autocrlf', 'true')
      this.git('config', 'core.safecrlf', 'false')
      this.git('rm', '-q', '-r', '--cached', '.')
      this.git('reset', '-q', '--hard')
    }
  }

  /** One stage, and what must hold after it: every edition finds the mission sound, no event is lost. */
  stage(stage: Stage, by: Edition, judges: readonly Edition[]): void {
    this[stage](by)
    this.check(`${stage} by ${by}`, judges)
  }

  /** What must hold after every step, once all of it is committed. */
  check(step: string, judges: readonly Edition[]): void {
    this.commit(step)
    for (const judge of judges) {
      // 4.0 says in its snapshot that it counts one key more, and then 3.2.7 finds what 4.0 itself has written drifted.
      if (judge !== '3.2.7' || !this.isOfFour()) {
        this.run(judge, 'agent', 'status', 'validate', '--mission', this.slug)
      }
    }
    const now = new Set(this.rows().map(row => row.event_id))
    const lost = [...this.ids].filter(id => !now.has(id))
    if (lost.length > 0) throw new Error(`${step} lost events: ${lost.join(', ')}`)
    this.ids = now
  }

  private isOfFour(): boolean {
    const path = this.file('status.json')
    return existsSync(path) && /"schema_version": 2/.test(readFileSync(path, 'utf8'))
  }

  private plan(by: Edition): void {
    this.create(by)
    this.design(by)
    this.breakDown(by)
    this.analyse(by)
  }

  create(by: Edition): void {
    const words = [
      '--friendly-name',
      'Calc',
      '--purpose-tldr',
      'Small',
      '--purpose-context',
      'To try the flow.',
    ]
    const place = this.home === undefined ? [] : ['--home-branch', this.home]
    const topology = by === 'ours' ? place : by === '3.2.0' ? [] : ['--topology', 'lanes']
    const made = this.run(by, 'agent', 'mission', 'create', 'calc-cli', ...words, ...topology, '--json')
    this.slug = /"mission_slug": ?"([^"]+)"/.exec(made)?.[1] ?? ''
  }

  design(by: Edition): void {
    const dir = `kitty-specs/${this.slug}`
    this.write(`${dir}/spec.md`, SPEC)
    this.commit('spec')
    this.write(`${dir}/plan.md`, PLAN)
    this.commit('plan')
    this.run(by, 'agent', 'mission', 'setup-plan', '--mission', this.slug, '--json')
  }

  /** `dependent`: the second package needs the first. */
  breakDown(by: Edition, dependent = false): void {
    for (const [path, text] of taskDocuments(dependent)) this.write(`kitty-specs/${this.slug}/${path}`, text)
    this.commit('tasks')
    this.run(by, 'agent', 'mission', 'finalize-tasks', '--mission', this.slug, '--json')
  }

  /** The later editions want it before anything is implemented. */
  analyse(by: Edition): void {
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

  accept(by: Edition): void {
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

  land(by: Edition): void {
    const word = by === '4.0' ? 'consolidate' : 'merge'
    this.run(by, word, '--mission', this.slug, '--yes', ...(by === '4.0' ? this.attestation() : []))
    this.requireLanded(by)
  }

  /** Throws unless every package is done, and its code on the target. */
  requireLanded(by: Edition): void {
    const lanes = this.lanes()
    const landed = this.git('ls-tree', '-r', '--name-only', this.target, 'src').split('\n')
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
          throw new Error(`${judge} on ${this.git('branch', '--show-current')}: ${board}`)
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
    const landed = this.git('rev-parse', 'work')
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

  /** What it printed. Throws with all it said when the exit status is not 0. */
  run(edition: Edition, ...words: string[]): string {
    return this.editions.run(this.repository, edition, ...words)
  }

  rows(): ChainRow[] {
    const path = this.file('status.events.jsonl')
    const text = this.slug !== '' && existsSync(path) ? readFileSync(path, 'utf8') : ''
    return text.split('\n').flatMap(line => (line.trim() === '' ? [] : JSON.parse(line)))
  }

  /** Where each package is, in the order in which the log first names them. */
  lanes(): ReadonlyMap<string, string> {
    return new Map(this.rows().flatMap(row => (row.to_lane === undefined ? [] : [[row.wp_id, row.to_lane]])))
  }

  /** A file of the mission, absolutely. */
  file(name: string): string {
    return join(this.root, 'kitty-specs', this.slug, name)
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
    this.editions.stop()
    this.repository.cleanup()
  }

  private get dir(): string {
    return this.repository.dir
  }

  get root(): string {
    return this.repository.root
  }

  private git(...words: string[]): string {
    return this.repository.git(...words)
  }

  private commit(message: string): void {
    this.repository.commit(message)
  }

  private write(path: string, text: string): void {
    this.repository.write(path, text)
  }
}
