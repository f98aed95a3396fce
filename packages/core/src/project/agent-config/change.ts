/** `agent config add`, `remove`, `sync` and `set`: each one transaction and at most one commit. */
import type { AgentConfigChange, AgentConfigSet } from '@spec-kitty/contracts/cli/agent-config'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { configPath } from '../../repo/project/config.ts'
import type { Change } from '../../world/change.ts'
import { rewrite } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import { writeProject } from '../../write/write.ts'
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
  return await writeProject<AgentConfigChange>(ports, request, async () => {
    const facts = await readAgentFacts(ports, program)
    const { agents, plan, message, told } = decide(facts)
    const { settings } = facts
    const same = keysOf(agents).join() === keysOf(settings.agents).join()
    const config = same ? undefined : await withAgents(ports, settings, agents)
    const answer = {
      result: 'success' as const,
      added: [],
      already_configured: [],
      removed: [],
      not_configured: [],
      ...told,
      agents: [...keysOf(agents)],
      files: plan.files,
    }
    return {
      files: [...plan.changes, ...configChange(facts, config)],
      message,
      answer: { ...answer, committed: false },
      committed: () => ({ ...answer, committed: true }),
    }
  })
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
  // Who switches commits off does not want one for that.
  const autoCommit = request.autoCommit ?? (key === 'auto_commit' && !value ? false : undefined)
  return await writeProject<AgentConfigSet>(ports, { autoCommit }, async () => {
    const facts = await readAgentFacts(ports, program)
    const { settings } = facts
    const before = key === 'auto_commit' ? settings.autoCommit : settings.lintOnEdit
    const config = settings.values[key] === value ? undefined : await withSwitch(ports, settings, key, value)
    const answer = { result: 'success' as const, key, value, changed: before !== value }
    return {
      files: configChange(facts, config),
      message: `Set ${key} to ${value}`,
      answer: { ...answer, committed: false },
      committed: () => ({ ...answer, committed: true }),
    }
  })
}

function booleanOf(key: Switch, word: string): boolean {
  if (/^(true|yes|on|1)$/i.test(word)) return true
  if (/^(false|no|off|0)$/i.test(word)) return false
  throw new KittyError('invalid_input', `Invalid value for ${key}: ${word}. Use true or false`, {
    hint: sh`spec-kitty agent config set ${key} true`,
  })
}

function configChange(facts: AgentFacts, content: string | undefined): readonly Change[] {
  const { text } = facts.settings
  return content === undefined ? [] : rewrite(configPath(facts.project), text, content)
}

function keysOf(agents: readonly Agent[]): string[] {
  return agents.map(agent => agent.key)
}
