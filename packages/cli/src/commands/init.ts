import { Init } from '@spec-kitty/contracts/cli/init'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { AGENTS, type Agent } from '@spec-kitty/core/project/agents'
import { findAgents } from '@spec-kitty/core/project/found-agents'
import { findTarget, initProject, parseAgents } from '@spec-kitty/core/project/init'
import type { InitTarget } from '@spec-kitty/core/project/init-plan'
import type { Ports } from '@spec-kitty/core/world/ports'
import { askOne, askSome, askYesNo } from '../ask.ts'
import { defineCommand, optionalArg, type Session, text, toggle } from '../command.ts'
import { ASSETS } from '../program.ts'
import type { Style } from '../style.ts'
import { VERSION } from '../version.ts'

export const command = defineCommand({
  description:
    'Writes configuration and slash commands into the project, for the agents you choose, and nothing anywhere else.',
  examples: ['spec-kitty init --ai claude', 'spec-kitty init my-project --ai claude,codex --git-init'],
  args: { name: optionalArg('directory to make; left out: this project') },
  flags: {
    ai: text('agents to set up, separated by commas', { value: 'AGENTS' }),
    here: toggle('make the folder you stand in the project, not the whole repository'),
    dryRun: toggle('list every file, write nothing'),
    protect: toggle("protect the remote's default branch against bookkeeping commits"),
    commit: toggle('commit what was written (default: yes, unless --non-interactive)'),
    gitInit: toggle('make a git repository when there is none'),
    nonInteractive: toggle('never ask'),
    yes: toggle('never ask', { hidden: true, short: 'y' }),
  },
  writes: true,
  result: Init,
  run: async (ports, input, session) => {
    const scripted = input.nonInteractive === true || input.yes === true
    const mayAsk = session.interactive() && !scripted && !saysNo(ports.env.get('SPEC_KITTY_NON_INTERACTIVE'))
    const found = findTarget(ports, input.name, input.here ?? false)
    const below = !found.initialized && input.name === undefined && found.root !== ports.env.cwd
    const undecided = below && input.here === undefined
    const here = undecided && mayAsk && (await askHere(ports.env.cwd, found.root))
    const target = here ? findTarget(ports, undefined, true) : found
    const request = target.initialized
      ? { agents: [], gitInit: false }
      : await choose(ports, target, input, mayAsk ? session : undefined)
    return await initProject(ports, target, {
      ...request,
      name: input.name,
      passedBy: undecided && !mayAsk ? ports.env.cwd : undefined,
      protect: input.protect ?? false,
      // Scripts written for the Python edition pass --non-interactive and commit by themselves.
      commit: input.commit ?? !scripted,
      dryRun: input.dryRun ?? false,
      command: commandOf(input, request.agents),
      assets: ASSETS,
      version: VERSION,
    })
  },
  text: describe,
})

interface Asked {
  readonly name: string | undefined
  readonly here: boolean | undefined
  readonly protect: boolean | undefined
  readonly commit: boolean | undefined
  readonly gitInit: boolean | undefined
}

/** The same without --dry-run, for somebody who liked what he saw. */
function commandOf({ name, here, protect, commit, gitInit }: Asked, agents: readonly Agent[]): Remedy {
  const flag = (given: boolean | undefined, word: string): readonly string[] =>
    given === undefined ? [] : [given ? `--${word}` : `--no-${word}`]
  const words = [
    ...(name === undefined ? [] : [name]),
    '--ai',
    agents.map(agent => agent.key).join(','),
    ...flag(here, 'here'),
    ...flag(protect, 'protect'),
    ...flag(commit, 'commit'),
    ...flag(gitInit, 'git-init'),
  ]
  return sh`spec-kitty init ${words}`
}

function saysNo(value: string | undefined): boolean {
  return /^(1|true|yes|y|on)$/i.test(value ?? '')
}

interface Choice {
  readonly agents: readonly Agent[]
  readonly gitInit: boolean
}

/** What the flags leave open is asked, when somebody is there to answer. */
async function choose(
  ports: Ports,
  target: InitTarget,
  input: { readonly ai: string | undefined; readonly gitInit: boolean | undefined },
  session: Session | undefined,
): Promise<Choice> {
  if (input.ai === undefined && session === undefined) {
    const found = findAgents(ports, target.root).map(({ agent }) => agent.key)
    throw new KittyError('invalid_input', '--ai is required in non-interactive mode', {
      hint: sh`spec-kitty init --ai ${found.length === 0 ? 'claude' : found.join(',')} (known: ${listed(AGENTS.map(agent => agent.key))})`,
    })
  }
  const agents = input.ai === undefined ? await askAgents(ports, target) : parseAgents(input.ai)
  const undecided = input.gitInit === undefined && target.repository === undefined && session !== undefined
  return { agents, gitInit: undecided ? await askGitInit(target) : (input.gitInit ?? false) }
}

async function askAgents(ports: Ports, target: InitTarget): Promise<readonly Agent[]> {
  const found = new Map(findAgents(ports, target.root).map(({ agent, by }) => [agent.key, by]))
  const chosen = await askSome(
    'Which agents will work here? (space selects, enter confirms)',
    AGENTS.map(({ key, name }) => {
      const by = found.get(key)
      return { value: key, label: by === undefined ? name : `${name} (found: ${by})`, hint: key }
    }),
    [...found.keys()],
  )
  return parseAgents(chosen.join(','))
}

/** A repository of several projects has one in each of its folders. */
async function askHere(folder: string, top: string): Promise<boolean> {
  const question = `${folder} is a folder of the repository ${top}. Which of them is the project?`
  const answer = await askOne(question, [
    { value: 'whole', label: 'the whole repository', hint: top },
    { value: 'folder', label: 'this folder alone', hint: folder },
  ])
  return answer === 'folder'
}

async function askGitInit(target: InitTarget): Promise<boolean> {
  return await askYesNo(`${target.root} is not a git repository. Make one?`)
}

function describe(result: Init, style: Style): string {
  if (result.result === 'already_initialized') {
    return [
      `Already initialized: ${result.project_root}`,
      'Nothing was changed. To go on:',
      ...result.next_steps.map(step => `  ${step}`),
    ].join('\n')
  }
  const written = result.files.filter(file => file.action !== 'kept')
  const verb = result.dry_run ? 'would be written' : 'written'
  const tail = result.committed
    ? `, ${result.dry_run ? 'and committed' : 'committed'} as "Set up Spec Kitty"`
    : ''
  return [
    style.bold(
      `Spec Kitty ${result.dry_run ? 'would be' : 'is'} set up in ${result.project_root} for ${result.agents.join(', ')}.`,
    ),
    `  ${written.length} files ${verb}${tail}; nothing outside the project.`,
    ...(result.dry_run ? written.map(file => `    ${file.path}`) : []),
    ...result.notes.map(note => `  ${style.yellow(note)}`),
    '',
    'Next:',
    ...result.next_steps.map(step => `  ${step}`),
  ].join('\n')
}
