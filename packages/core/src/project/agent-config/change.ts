/** `agent config add`, `remove`, `sync` and `set`: each one transaction and at most one commit. */
import type { AgentConfigChange, AgentConfigSet } from '@spec-kitty/contracts/cli/agent-config'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { configPath, readConfig } from '../../repo/project/config.ts'
import type { Change } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import { commits, planCommit, refuseProtected } from '../../write/commit.ts'
import type { Agent } from '../agents.ts'
import { type AgentFacts, findAgents, type Program, readAgentFacts } from './facts.ts'
import { type FilesPlan, orphans, planFiles } from './plan.ts'
import { SWITCHES, type Switch, withAgents, withSwitch } from './settings.ts'

interface Request {
  readonly autoCommit?: boolean | undefined
}

/** Does for each agent what `init` does for it. Throws `invalid_input` for an unknown key; nothing is written then. */
export async function addAgents(
  ports: Ports,
  program: Program,
  request: Request & { readonly keys: readonly string[] },
): Promise<AgentConfigChange> {
  const asked = findAgents(request.keys)
  return await change(ports, program, request, facts => {
    const configured = facts.settings.agents
    const added = asked.filter(agent => !configured.includes(agent))
    return {
      agents: [...configured, ...added],
      plan: planFiles(facts, added, []),
      message: `Add ${keysOf(added).join(', ')} to Spec Kitty`,
      told: {
        added: keysOf(added),
        already_configured: keysOf(asked.filter(agent => !added.includes(agent))),
      },
    }
  })
}

/** Takes back exactly what `add` and `init` wrote for these agents; `keepConfig` leaves them configured. */
export async function removeAgents(
  ports: Ports,
  program: Program,
  request: Request & { readonly keys: readonly string[]; readonly keepConfig: boolean },
): Promise<AgentConfigChange> {
  const asked = findAgents(request.keys)
  return await change(ports, program, request, facts => {
    const configured = facts.settings.agents
    const removed = asked.filter(agent => configured.includes(agent))
    return {
      agents: request.keepConfig ? configured : configured.filter(agent => !asked.includes(agent)),
      plan: planFiles(facts, [], asked),
      message: `Remove ${keysOf(asked).join(', ')} from Spec Kitty`,
      told: {
        removed: request.keepConfig ? [] : keysOf(removed),
        not_configured: keysOf(asked.filter(agent => !configured.includes(agent))),
      },
    }
  })
}

/** Brings the files of agents in line with the configuration: missing, outdated, orphaned ones and broken links. */
export async function syncAgents(
  ports: Ports,
  program: Program,
  request: Request & { readonly createMissing: boolean; readonly removeOrphaned: boolean },
): Promise<AgentConfigChange> {
  return await change(ports, program, request, facts => {
    const { agents } = facts.settings
    const wanted = request.createMissing ? agents : []
    return {
      agents,
      plan: planFiles(facts, wanted, request.removeOrphaned ? orphans(facts) : []),
      message: 'Bring the files of Spec Kitty up to date',
      told: {},
    }
  })
}

interface Decision {
  readonly agents: readonly Agent[]
  readonly plan: FilesPlan
  readonly message: string
  readonly told: Partial<AgentConfigChange>
}

async function change(
  ports: Ports,
  program: Program,
  request: Request,
  decide: (facts: AgentFacts) => Decision,
): Promise<AgentConfigChange> {
  const facts = await readAgentFacts(ports, program)
  const { agents, plan, message, told } = decide(facts)
  const { settings } = facts
  const same = keysOf(agents).join() === keysOf(settings.agents).join()
  const config = same ? undefined : await withAgents(ports, settings, agents)
  const committed = await perform(ports, facts, [...plan.changes, ...configChange(facts, config)], {
    message,
    autoCommit: request.autoCommit,
  })
  return {
    result: 'success',
    added: [],
    already_configured: [],
    removed: [],
    not_configured: [],
    ...told,
    agents: [...keysOf(agents)],
    files: plan.files,
    committed,
  }
}

/** Sets a switch of the project. Throws `invalid_input` for a key or a value that does not exist. */
export async function setAgentSwitch(
  ports: Ports,
  program: Program,
  request: Request & { readonly key: string; readonly value: string },
): Promise<AgentConfigSet> {
  const key = SWITCHES.find(name => name === request.key)
  if (key === undefined) {
    throw new KittyError(
      'invalid_input',
      `Unknown configuration key: ${request.key}. Supported keys: ${SWITCHES.join(', ')}`,
      { hint: sh`spec-kitty agent config set auto_commit false` },
    )
  }
  const value = booleanOf(key, request.value)
  const facts = await readAgentFacts(ports, program)
  const { settings } = facts
  const before = key === 'auto_commit' ? settings.autoCommit : settings.lintOnEdit
  const stored = settings.values[key]
  const config = stored === value ? undefined : await withSwitch(ports, settings, key, value)
  // Who switches commits off does not want one for that.
  const autoCommit = request.autoCommit ?? (key === 'auto_commit' && !value ? false : undefined)
  const committed = await perform(ports, facts, configChange(facts, config), {
    message: `Set ${key} to ${value}`,
    autoCommit,
  })
  return { result: 'success', key, value, changed: before !== value, committed }
}

function booleanOf(key: Switch, word: string): boolean {
  if (/^(true|yes|on|1)$/i.test(word)) return true
  if (/^(false|no|off|0)$/i.test(word)) return false
  throw new KittyError('invalid_input', `Invalid value for ${key}: ${word}. Use true or false`, {
    hint: sh`spec-kitty agent config set ${key} true`,
  })
}

function configChange(facts: AgentFacts, content: string | undefined): readonly Change[] {
  if (content === undefined) return []
  const expect = facts.settings.text ?? null
  return [{ kind: 'write_file', path: configPath(facts.project), content, expect }]
}

/** Performs the changes with their commit; answers whether one was made. Throws `protected_branch` before it writes. */
async function perform(
  ports: Ports,
  facts: AgentFacts,
  changes: readonly Change[],
  commit: { readonly message: string; readonly autoCommit: boolean | undefined },
): Promise<boolean> {
  if (changes.length === 0) return false
  const { project } = facts
  const config = await readConfig(ports, project)
  refuseProtected(ports, project, config, commit.autoCommit)
  const paths = changes.flatMap(one =>
    one.kind === 'write_file' || one.kind === 'delete_file' ? [one.path] : [],
  )
  await ports.apply([...changes, ...planCommit(project, config, { ...commit, paths })])
  return commits(config, commit.autoCommit)
}

function keysOf(agents: readonly Agent[]): string[] {
  return agents.map(agent => agent.key)
}
