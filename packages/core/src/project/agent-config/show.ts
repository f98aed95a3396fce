/** `agent config list` and `status`: read only. */
import type { AgentConfigList, AgentConfigStatus } from '@spec-kitty/contracts/cli/agent-config'
import { locateProject } from '../../repo/project/locate.ts'
import type { Ports } from '../../world/ports.ts'
import { planAgentFiles } from '../agent-files.ts'
import { AGENTS, type Agent } from '../agents.ts'
import { type AgentFacts, type Program, readAgentFacts, wantedFiles } from './facts.ts'
import { orphans, planFiles } from './plan.ts'
import { readSettings } from './settings.ts'

/** The agents of the configuration; none for a project without one. */
export async function listAgents(ports: Ports): Promise<AgentConfigList> {
  const settings = await readSettings(ports, locateProject(ports))
  return {
    agents: settings.agents.map(({ key, name, commands }) => ({
      agent: key,
      name,
      directory: `${commands}/`,
    })),
    available: AGENTS.filter(agent => !settings.agents.includes(agent)).map(agent => agent.key),
    auto_commit: settings.autoCommit,
    lint_on_edit: settings.lintOnEdit,
  }
}

/** Every known agent: configured or not, with the state of its files. */
export async function agentStatus(ports: Ports, program: Program): Promise<AgentConfigStatus> {
  const facts = await readAgentFacts(ports, program)
  const orphaned = orphans(facts)
  const { changes } = planFiles(facts, facts.settings.agents, orphaned)
  return {
    agents: AGENTS.map(agent => statusOf(facts, agent, orphaned.includes(agent))),
    broken_links: [...facts.brokenLinks],
    in_sync: changes.length === 0,
  }
}

function statusOf(facts: AgentFacts, agent: Agent, orphaned: boolean): AgentConfigStatus['agents'][number] {
  const configured = facts.settings.agents.includes(agent)
  const { key, commands } = agent
  const base = { agent: key, directory: `${commands}/`, configured }
  if (!configured) {
    const status = orphaned ? 'Orphaned' : 'Not used'
    return { ...base, exists: orphaned, status, missing: [], outdated: [], changed: [] }
  }
  const plan = planAgentFiles(wantedFiles(facts, [agent]), facts.existing, facts.known)
  const paths = [...plan.writes.keys()]
  const missing = paths.filter(path => !facts.existing.has(path))
  return {
    ...base,
    exists: wantedFiles(facts, [agent]).some(file => facts.existing.has(file.path)),
    status: missing.length > 0 ? 'Missing' : 'OK',
    missing,
    outdated: paths.filter(path => facts.existing.has(path)),
    changed: [...plan.kept],
  }
}
