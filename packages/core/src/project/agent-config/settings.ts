/** The section `agents` of `.kittify/config.yaml`, as `agent config` reads and edits it. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { configPath } from '../../repo/project/config.ts'
import type { Project } from '../../repo/project/locate.ts'
import { readYaml } from '../../text/yaml.ts'
import type { Ports } from '../../world/ports.ts'
import { AGENTS, type Agent, findAgent } from '../agents.ts'

export interface AgentSettings {
  /** Undefined: there is no configuration yet. */
  readonly text: string | undefined
  /** An upgrade by the Python edition calls the section `tools`. */
  readonly section: 'agents' | 'tools'
  readonly values: JsonObject
  readonly agents: readonly Agent[]
  readonly autoCommit: boolean
  readonly lintOnEdit: boolean
}

export const SWITCHES = ['auto_commit', 'lint_on_edit'] as const
export type Switch = (typeof SWITCHES)[number]

/** Throws `file_malformed`, and `invalid_input` for an agent that nobody knows. */
export async function readSettings(
  ports: Pick<Ports, 'files' | 'yaml'>,
  project: Project,
): Promise<AgentSettings> {
  const path = configPath(project)
  const text = ports.files.text(path)
  const value = text === undefined || text.trim() === '' ? {} : await readYaml(ports, text, path)
  const raw = isObject(value) ? value : {}
  const section = !isObject(raw.agents) && isObject(raw.tools) ? 'tools' : 'agents'
  const found = raw[section]
  const values = isObject(found) ? found : {}
  const flag = (key: Switch, fallback: boolean): boolean => {
    const set = values[key] ?? raw[key]
    return typeof set === 'boolean' ? set : fallback
  }
  return {
    text,
    section,
    values,
    agents: known(values.available),
    autoCommit: flag('auto_commit', true),
    lintOnEdit: flag('lint_on_edit', false),
  }
}

function known(available: Json | undefined): readonly Agent[] {
  const keys = typeof available === 'string' ? [available] : isArray(available) ? available.map(String) : []
  const unknown = keys.filter(key => findAgent(key) === undefined)
  if (unknown.length > 0) {
    throw new KittyError(
      'invalid_input',
      `Unknown agents in .kittify/config.yaml: ${unknown.join(', ')}. Valid agents: ${agentKeys()}`,
      { hint: sh`Take ${listed(unknown)} out of agents.available in .kittify/config.yaml` },
    )
  }
  return [...new Set(keys)].flatMap(key => findAgent(key) ?? [])
}

export function agentKeys(): string {
  return AGENTS.map(agent => agent.key).join(', ')
}

/**
 * The configuration with another list of agents. Lines of the list come and go one by one, so that comments stay;
 * a list of another form is written anew.
 */
export async function withAgents(
  ports: Pick<Ports, 'yaml'>,
  settings: AgentSettings,
  agents: readonly Agent[],
): Promise<string> {
  const keys = agents.map(agent => agent.key)
  const edited = editList(settings.text ?? '', settings.section, keys)
  if (edited !== undefined && (await holds(ports, edited, settings.section, 'available', keys))) return edited
  return await rewritten(ports, settings, { available: keys })
}

/** The configuration with a switch set. */
export async function withSwitch(
  ports: Pick<Ports, 'yaml'>,
  settings: AgentSettings,
  key: Switch,
  value: boolean,
): Promise<string> {
  const line = new RegExp(`^([ \\t]+${key}:[ \\t]*)[A-Za-z]+`, 'm')
  const start = sectionStart(settings.text ?? '', settings.section)
  if (start !== undefined) {
    const text = settings.text ?? ''
    const edited = text.slice(0, start) + text.slice(start).replace(line, (_, lead) => `${lead}${value}`)
    if (await holds(ports, edited, settings.section, key, value)) return edited
  }
  return await rewritten(ports, settings, { [key]: value })
}

async function rewritten(
  ports: Pick<Ports, 'yaml'>,
  settings: AgentSettings,
  change: JsonObject,
): Promise<string> {
  return await ports.yaml.edit(settings.text ?? '', { [settings.section]: { ...settings.values, ...change } })
}

function sectionStart(text: string, section: string): number | undefined {
  return new RegExp(`^${section}:[ \\t]*(#.*)?$`, 'm').exec(text)?.index
}

/** The block list `available:` of the section with other items; undefined when it is not one of plain lines. */
function editList(text: string, section: string, keys: readonly string[]): string | undefined {
  const start = sectionStart(text, section)
  if (start === undefined) return undefined
  const lines = text.slice(start).split('\n')
  const head = lines.findIndex((line, at) => at > 0 && /^[ \t]+available:[ \t]*(#.*)?\r?$/.test(line))
  if (head < 0) return undefined
  let end = head + 1
  const item = /^([ \t]*- )["']?([\w-]+)["']?[ \t]*(#.*)?\r?$/
  while (item.test(lines[end] ?? '')) end++
  const items = lines.slice(head + 1, end)
  const [first] = items
  if (first === undefined || keys.length === 0) return undefined
  const lead = item.exec(first)?.[1] ?? '  - '
  const eol = first.endsWith('\r') ? '\r' : ''
  const byKey = new Map(items.map(line => [item.exec(line)?.[2], line]))
  const wanted = keys.map(key => byKey.get(key) ?? `${lead}${key}${eol}`)
  return text.slice(0, start) + [...lines.slice(0, head + 1), ...wanted, ...lines.slice(end)].join('\n')
}

/** The edit must mean what was asked: `available:` may have been found in somebody else's section. */
async function holds(
  ports: Pick<Ports, 'yaml'>,
  text: string,
  section: string,
  key: string,
  wanted: Json,
): Promise<boolean> {
  const value = await readYaml(ports, text, 'config.yaml')
  const values = isObject(value) ? value[section] : undefined
  return isObject(values) && JSON.stringify(values[key]) === JSON.stringify(wanted)
}
