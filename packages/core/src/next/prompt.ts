/** The prompt of each step: under 6 KB, with the commands that finish it. Pure. */
import { part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { bullets, compose, fit, instructions, section } from '../lanes/brief.ts'
import type { MissionStep } from '../repo/mission/types.ts'
import { approveCommand, rejectCommand } from '../review/prompt.ts'
import type { Choice } from './decide.ts'
import { type BoardItem, CHARTER, type NextFacts } from './facts.ts'
import { CLOSING, GUIDANCE } from './guidance.ts'

/**
 * What an agent needs for the chosen step. `workspace` is the absolute directory of a work package's lane; `body` what its
 * file says below the front matter.
 */
export function stepPrompt(
  facts: NextFacts,
  choice: Choice,
  agent: string,
  workspace: string | null,
  body: string,
): string {
  const item = facts.board.find(candidate => candidate.wp.id === choice.wpId)
  return item === undefined
    ? documentPrompt(facts, choice, agent)
    : packagePrompt(facts, choice, item, agent, workspace, body)
}

function packagePrompt(
  facts: NextFacts,
  choice: Choice,
  item: BoardItem,
  agent: string,
  workspace: string | null,
  body: string,
): string {
  const review = choice.action === 'review'
  const head = `# ${review ? 'Review' : 'Implement'} ${item.wp.id}: ${item.wp.title}\n`
  const report = review
    ? reviewReport(facts, item, agent)
    : numbered([...handOver(facts, item, agent, workspace), goOn(facts, agent)])
  return compose(
    [head, section('Begin', `${begin(facts, choice, agent, workspace)}${rules(facts)}`)],
    bytes =>
      section('What it is about', fit(instructions(body), bytes - 30, `… the rest is in ${item.wp.path}`)),
    [
      section('Builds on', bullets(dependencies(facts, item), 8)),
      section('Who reviews', choice.reason ?? ''),
      section(
        'When it is done',
        `${report}\n\n${review ? '' : 'FILES are those you wrote. '}${stuck(facts, agent)}`,
      ),
    ],
  )
}

function documentPrompt(facts: NextFacts, choice: Choice, agent: string): string {
  const definition = facts.type.steps.find(candidate => candidate.id === choice.step)
  const head = `# ${choice.step === 'accept' && facts.board.length === 0 ? 'Close the mission' : (definition?.title ?? choice.step)}\n`
  const commands = [...documentCommands(facts, choice, definition), goOn(facts, agent)]
  return compose(
    [head, place(facts), section('Written down already', brief(facts, definition))],
    bytes =>
      section(
        'What to do',
        fit(guidance(facts, choice, definition), bytes - 30, '… the rest is in its file'),
      ),
    [
      section('Questions', questions(facts, choice, definition)),
      section('Still missing', bullets(choice.missing, 10)),
      section('When it is done', `${numbered(commands)}\n\n${stuck(facts, agent)}`),
    ],
  )
}

function place(facts: NextFacts): string {
  const { mission } = facts
  const name = typeof mission.meta.friendly_name === 'string' ? mission.meta.friendly_name : mission.slug
  const purpose =
    typeof mission.meta.purpose_context === 'string' ? `\n\n${mission.meta.purpose_context}` : ''
  return section(
    'Mission',
    `${name} (${mission.slug}), merged into ${mission.targetBranch}. Its folder: ${mission.dir}${purpose}${rules(facts)}`,
  )
}

/** The rules of the project bind every step. */
function rules({ charter }: NextFacts): string {
  return charter ? `\n\nThe rules of this project bind this step: read ${CHARTER} first.` : ''
}

/** Only as long as nothing of the mission is written: after that the specification says what is wanted. */
function brief({ briefs, documents }: NextFacts, definition: MissionStep | undefined): string {
  const early = definition?.artefact === undefined || definition.artefact === 'spec.md'
  const written = [...documents.values()].some(missing => missing.length === 0)
  if (briefs.length === 0 || !early || written) return ''
  return `What is wanted stands in ${briefs.join(' and ')} (below the project's folder). Read it, take the requirements from there, and ask only about what it leaves open. Remove it when the specification is written: it was for this mission only.`
}

function begin({ mission }: NextFacts, choice: Choice, agent: string, workspace: string | null): string {
  const command = sh`spec-kitty agent action ${choice.action ?? 'implement'} ${choice.wpId ?? ''} --agent ${agent} --mission ${mission.slug}`
  const where =
    choice.action === 'review'
      ? 'shows the diff and claims the review'
      : `claims it and makes its worktree ${workspace ?? ''}`
  return `Run \`${command}\`: it ${where}, and prints the full instructions. It can be run again.`
}

function dependencies({ board }: NextFacts, item: BoardItem): readonly string[] {
  return board
    .filter(other => item.wp.dependencies.includes(other.wp.id))
    .map(
      ({ wp, lane }) =>
        `${wp.id} ${wp.title} (${lane}), files: ${wp.ownedFiles.slice(0, 4).join(', ')}; contract: ${wp.path}`,
    )
}

function guidance(
  { mission, type, board }: NextFacts,
  choice: Choice,
  step: MissionStep | undefined,
): string {
  if (choice.step === 'accept' && board.length === 0) return step?.prompt ?? CLOSING
  const coded = type.steps.some(item => item.board === 'tasks')
  const words = step?.prompt ?? GUIDANCE[coded ? 'software-dev' : type.id]?.[choice.step]
  if (words !== undefined) return words
  const { title, artefact } = step ?? { title: choice.step, artefact: undefined }
  return artefact === undefined ? title : `Write ${mission.dir}/${artefact}: ${title}.`
}

/** A question that only a person can answer is put down where every agent sees it. */
function questions({ mission }: NextFacts, choice: Choice, definition: MissionStep | undefined): string {
  if (definition?.artefact === undefined || choice.step === 'accept') return ''
  const flow = definition.artefact === 'spec.md' ? 'specify' : 'plan'
  const command = sh`spec-kitty agent decision open --flow ${flow} --input-key <key> --slot-key <key> --question "<question>" --mission ${mission.slug}`
  return `What only the person can decide, ask now. What stays open is recorded, and \`next\` asks for it before anything else: \`${command}\``
}

function numbered(commands: readonly string[]): string {
  return commands.map((command, i) => `${i + 1}. \`${command}\``).join('\n')
}

function goOn({ mission }: NextFacts, agent: string): Remedy {
  return sh`spec-kitty next --agent ${agent} --result success --mission ${mission.slug} --json`
}

function stuck({ mission }: NextFacts, agent: string): string {
  const failed = sh`spec-kitty next --agent ${agent} --result failed --mission ${mission.slug} --json`
  return `If you cannot go on: \`${failed}\`, then tell the person what is in the way.`
}

function handOver(
  { mission }: NextFacts,
  { wp }: BoardItem,
  agent: string,
  workspace: string | null,
): readonly string[] {
  const flag = ['--mission', mission.slug]
  const git = workspace === null ? ['git'] : ['git', '-C', workspace]
  const tick =
    wp.subtasks.length === 0
      ? []
      : [sh`spec-kitty agent tasks mark-status ${wp.subtasks.slice(0, 40)} --status done ${flag}`]
  return [
    sh`${git} add -- FILES`,
    sh`${git} commit -m ${`feat(${wp.id}): <what it does>`}`,
    ...tick,
    sh`spec-kitty agent tasks move-task ${wp.id} --to for_review --agent ${agent} --note "<what you did>" ${flag}`,
  ]
}

function reviewReport(facts: NextFacts, { wp }: BoardItem, agent: string): string {
  const review = { wpId: wp.id, missionSlug: facts.mission.slug, reviewer: agent }
  const approve = numbered([approveCommand(review), goOn(facts, agent)])
  return `${approve}\n\nIf it must be mended, write what is wrong, where, and how to see it into a file outside the repository, and run this instead of the first: \`${rejectCommand(review)}\``
}

/** What an author has to commit: documents without a gate of their own. */
function saveCommand({ mission }: NextFacts, definition: MissionStep | undefined): readonly string[] {
  const { artefact } = definition ?? {}
  if (artefact === undefined) return []
  const path = artefact.startsWith('/') ? artefact.slice(1) : `${mission.rel}/${artefact}`
  return [sh`spec-kitty safe-commit -m ${`Add ${artefact.replace(/^\//, '')} for ${mission.slug}`} ${path}`]
}

function documentCommands(
  facts: NextFacts,
  choice: Choice,
  definition: MissionStep | undefined,
): readonly string[] {
  const flag = ['--mission', facts.mission.slug]
  if (choice.step === 'accept') {
    if (facts.board.length === 0) return [sh`spec-kitty mission close ${flag}`]
    return [
      sh`spec-kitty accept ${flag}`,
      sh`spec-kitty merge --dry-run ${flag}`,
      sh`spec-kitty merge --yes ${flag}`,
    ]
  }
  if (!facts.type.steps.some(step => step.board === 'tasks')) return saveCommand(facts, definition)
  const plan = sh`spec-kitty agent mission setup-plan ${flag} --json`
  const tasks = sh`spec-kitty agent mission finalize-tasks ${flag} --json`
  const gates: Readonly<Record<string, readonly Remedy[]>> = {
    specify: [plan],
    plan: [plan],
    tasks: [sh`${part(tasks)} --validate-only`, tasks],
  }
  return gates[choice.step] ?? saveCommand(facts, definition)
}
