/** One mission in which every single step is by an edition that a seed picks, until it has landed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDice, type Dice, weighted } from '../fuzz/random.ts'
import { PACKAGES } from './calc-documents.ts'
import { Chain, type ChainPlace } from './chain.ts'
import { ALL_EDITIONS, type Edition, type EditionRunner, missing } from './editions.ts'
import { POLICY } from './json-cases.ts'

interface Step {
  readonly name: string
  readonly weight: number
  readonly run: (by: Edition) => void
  /** Who can; everybody where left out. */
  readonly by?: readonly Edition[]
}

const LAYOUTS: Readonly<Record<string, ChainPlace>> = {
  'on a branch': {},
  'on main': { target: 'main' },
  'beside its target': { home: 'calc-home' },
  'in a clone with CRLF': { crlf: true },
}

/** Walks, and tells each step. Throws with all steps when an edition refuses, two boards differ or a log is not whole. */
export function walkEditions(seed: number, editions: EditionRunner, say: (line: string) => void): void {
  const dice = createDice(seed)
  const layout = dice.pick(Object.keys(LAYOUTS))
  const chain = new Chain(LAYOUTS[layout], editions)
  const walk = new EditionWalk(chain, dice, say)
  say(`walk ${seed}: ${layout}`)
  try {
    walk.go(layout === 'beside its target')
  } catch (error) {
    throw new Error(`seed ${seed}, ${layout}:\n${walk.steps.join('\n')}\n${String(error)}`)
  } finally {
    chain.repository.cleanup()
  }
}

class EditionWalk {
  readonly steps: string[] = []
  private readonly chain: Chain
  private readonly dice: Dice
  private readonly say: (line: string) => void
  private readonly ticked = new Set<string>()
  /** What happens once at most to each package. */
  private readonly had = new Set<string>()
  private cast: readonly Edition[] = []
  private authors: readonly Edition[] = ALL_EDITIONS
  private readonly dependent: boolean
  private code = 0

  constructor(chain: Chain, dice: Dice, say: (line: string) => void) {
    this.dependent = dice.chance(0.5)
    this.chain = chain
    this.dice = dice
    this.say = say
  }

  go(homed: boolean): void {
    const { chain, dice } = this
    this.cast = dice.pick(CASTS).filter(edition => missing(edition) === undefined)
    // The Python editions commit to the target alone, so that a mission beside it is ours, and they only look.
    this.authors = homed ? ['ours'] : ALL_EDITIONS
    if (this.cast.includes('3.2.0')) this.makeCharter()
    this.take({ name: 'create', weight: 1, run: by => chain.create(by), by: LATER })
    this.take({ name: 'design', weight: 1, run: by => chain.design(by), by: LATER })
    this.take({ name: 'break down', weight: 1, run: by => chain.breakDown(by, this.dependent), by: LATER })
    this.take({ name: 'analyse', weight: 1, run: by => chain.analyse(by), by: LATER })
    for (let steps = this.enabled(); steps.length > 0; steps = this.enabled())
      this.take(weighted(dice, steps))
    this.take({ name: 'accept', weight: 1, run: by => chain.accept(by), by: LATER })
    this.take({ name: 'land', weight: 1, run: by => chain.land(by), by: LATER }, LATER)
  }

  /** 3.2.0 implements nothing without one. */
  private makeCharter(): void {
    this.chain.run('3.2.0', 'charter', 'interview', '--profile', 'minimal', '--defaults')
    for (const word of ['generate', 'synthesize']) this.chain.run('3.2.0', 'charter', word)
    this.chain.repository.commit('charter')
  }

  /** One step by one who can, after which all who can read find the same. */
  private take({ name, run, by }: Step, looking: readonly Edition[] = ALL_EDITIONS): void {
    const able = this.able().filter(edition => this.authors.includes(edition))
    const author = this.dice.pick((by ?? able).filter(edition => able.includes(edition)))
    this.steps.push(`${name} by ${author}`)
    this.say(`  ${name} by ${author}`)
    run(author)
    const lookers = this.able().filter(edition => looking.includes(edition))
    this.chain.check(`${name} by ${author}`, this.judges(lookers, name))
    if (existsSync(this.chain.file('lanes.json'))) this.compareBoards(['ours', this.dice.pick(lookers)])
  }

  /** Who can be had, and reads this log: 3.2.0 takes an annotation without a type of event for a transition. */
  private able(): readonly Edition[] {
    const plain = this.chain.rows().some(row => row.kind === 'annotation' && row.event_type === undefined)
    return this.cast.filter(edition => edition !== '3.2.0' || !plain)
  }

  /**
   * Whose validate fits status.json: it holds the keys of 3.2.0 or those of the later editions. A tick alone leaves those
   * of 3.2.0, and until the tasks are finalized some write no such file.
   */
  private judges(lookers: readonly Edition[], step: string): readonly Edition[] {
    const path = this.chain.file('status.json')
    if (!existsSync(this.chain.file('lanes.json')) || !existsSync(path)) return ['ours']
    const later = /"(agent|subtasks|review_result)":/.test(readFileSync(path, 'utf8'))
    const isTick = /^(un)?tick/.test(step)
    return lookers.filter(one => one === 'ours' || (one === '3.2.0' ? !later : later || !isTick))
  }

  private compareBoards(judges: readonly Edition[]): void {
    const boards = judges.map(judge => {
      const said = this.chain.run(judge, 'agent', 'tasks', 'status', '--mission', this.chain.slug, '--json')
      const { work_packages: packages } = JSON.parse(said.slice(said.indexOf('{')))
      return packages.map((one: { id: string; lane: string }) => `${one.id} ${one.lane}`).join(', ')
    })
    if (new Set(boards).size > 1)
      throw new Error(judges.map((judge, i) => `${judge}: ${boards[i]}`).join('\n'))
  }

  /** What can be done now; nothing once both packages are approved. */
  private enabled(): readonly Step[] {
    const lanes = this.chain.lanes()
    return PACKAGES.flatMap(({ id, tasks }) => {
      const lane = lanes.get(id)
      switch (lane) {
        case 'planned':
          return this.dependent && id === 'WP02' && lanes.get('WP01') !== 'approved'
            ? []
            : [this.step(`implement ${id}`, by => this.implement(by, id))]
        case 'claimed':
          return [this.step(`go on with ${id}`, by => this.implement(by, id))]
        case 'in_progress':
          return this.work(id, tasks)
        case 'blocked':
          return [this.step(`unblock ${id}`, by => this.emit(by, id, 'in_progress'))]
        case 'for_review':
          return [this.step(`review ${id}`, by => this.review(by, id))]
        case 'in_review':
          return this.verdicts(id)
        case 'approved':
          // A package that others stand on is not taken back.
          return this.once(`reopen ${id}`, id === 'WP01' && this.dependent, by => this.reopen(by, id))
        default:
          throw new Error(`${id} is ${lane}`)
      }
    })
  }

  private step(name: string, run: (by: Edition) => void, weight = 4): Step {
    return { name, run, weight }
  }

  /** A turn that a package takes in one of some walks. */
  private once(name: string, never: boolean, run: (by: Edition) => void): readonly Step[] {
    if (never || this.had.has(name)) return []
    this.had.add(name)
    return this.dice.chance(0.3) ? [this.step(name, run, 6)] : []
  }

  private work(id: string, tasks: readonly string[]): readonly Step[] {
    const open = tasks.filter(task => !this.ticked.has(task))
    return [
      ...open.map(task => this.step(`tick ${task}`, by => this.tick(by, task, 'done'))),
      ...tasks
        .filter(task => this.ticked.has(task))
        .flatMap(task => this.once(`untick ${task}`, false, by => this.tick(by, task, 'pending'))),
      ...(open.length === 0 ? [this.step(`hand ${id} over`, by => this.handOver(by, id))] : []),
      ...this.once(`block ${id}`, false, by => this.emit(by, id, 'blocked')),
    ]
  }

  private verdicts(id: string): readonly Step[] {
    return [
      this.step(`approve ${id}`, by => this.approve(by, id)),
      ...this.once(`reject ${id}`, false, by => this.reject(by, id)),
    ]
  }

  private implement(by: Edition, id: string): void {
    const { chain } = this
    if (!this.byOrchestrator(by, 'start-implementation', id, 'claude'))
      chain.run(by, 'agent', 'action', 'implement', id, '--mission', chain.slug, '--agent', 'claude')
    this.writeCode(id)
  }

  private writeCode(id: string): void {
    const { chain } = this
    const folder = PACKAGES.find(one => one.id === id)?.folder ?? ''
    const { lanes } = JSON.parse(readFileSync(chain.file('lanes.json'), 'utf8'))
    const lane = lanes.find((one: { wp_ids: string[] }) => one.wp_ids.includes(id)).lane_id
    const tree = join(chain.root, '.worktrees', `${chain.slug}-${lane}`)
    mkdirSync(join(tree, 'src', folder), { recursive: true })
    writeFileSync(join(tree, 'src', folder, 'm.py'), `# ${id} ${++this.code}\n`)
    chain.repository.git('-C', tree, 'add', 'src')
    chain.repository.git('-C', tree, 'commit', '-qm', `feat(${id})`)
  }

  private tick(by: Edition, task: string, status: 'done' | 'pending'): void {
    const { chain } = this
    chain.run(
      by,
      'agent',
      'tasks',
      'mark-status',
      task,
      '--status',
      status,
      '--mission',
      chain.slug,
      '--json',
    )
    if (status === 'done') this.ticked.add(task)
    else this.ticked.delete(task)
  }

  private handOver(by: Edition, id: string): void {
    if (!this.byOrchestrator(by, 'transition', id, 'claude', '--to', 'for_review', '--subtasks-complete'))
      this.move(by, id, 'for_review')
  }

  private review(by: Edition, id: string): void {
    const { chain } = this
    if (!this.byOrchestrator(by, 'start-review', id, 'codex'))
      chain.run(by, 'agent', 'action', 'review', id, '--mission', chain.slug, '--agent', 'codex')
  }

  private approve(by: Edition, id: string): void {
    const result = JSON.stringify({ reviewer: 'codex', verdict: 'approved', reference: 'looked' })
    if (
      !this.byOrchestrator(by, 'transition', id, 'codex', '--to', 'approved', '--review-result-json', result)
    )
      this.move(by, id, 'approved', '--note', 'ok', '--agent', 'codex')
  }

  private sendBack(by: Edition, id: string, ...more: string[]): void {
    const notes = join(this.chain.repository.dir, 'notes.md')
    writeFileSync(notes, `**Issue 1**: ${id} wants another name.\n`)
    this.move(by, id, 'planned', '--review-feedback-file', notes, ...more)
  }

  private reject(by: Edition, id: string): void {
    this.sendBack(by, id, '--agent', 'codex', '--note', 'no')
  }

  /** What is through goes back by force, and with what is wanted of it as well. */
  private reopen(by: Edition, id: string): void {
    this.sendBack(by, id, '--force', '--note', 'once more')
  }

  private emit(by: Edition, id: string, to: string): void {
    const { chain } = this
    const words = ['--to', to, '--actor', 'ann', '--reason', 'waits', '--mission', chain.slug]
    chain.run(by, 'agent', 'status', 'emit', id, ...words)
  }

  private move(by: Edition, id: string, to: string, ...more: string[]): void {
    const { chain } = this
    chain.run(by, 'agent', 'tasks', 'move-task', id, '--to', to, '--mission', chain.slug, '--json', ...more)
  }

  /** In some of our steps an orchestrator asks for them. */
  private byOrchestrator(by: Edition, verb: string, id: string, actor: string, ...more: string[]): boolean {
    if (by !== 'ours' || !this.dice.chance(0.3)) return false
    const { chain } = this
    const words = ['--mission', chain.slug, '--wp', id, '--actor', actor, '--policy', POLICY]
    this.say('    (by an orchestrator)')
    chain.run(by, 'orchestrator-api', verb, ...words, ...more)
    return true
  }
}

const LATER: readonly Edition[] = ['ours', '3.2.7', '4.0']

/** Who plays. 4.0 does not work where the charter is that of 3.2.0, and 3.2.0 not without one. */
const CASTS: readonly (readonly Edition[])[] = [LATER, LATER, LATER, ['ours', '3.2.0', '3.2.7']]
