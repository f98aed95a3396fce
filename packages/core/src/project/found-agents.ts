/** Which agents work on this machine or in this project already, as far as PATH and folders tell. Nothing is run. */
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { AGENTS, type Agent } from './agents.ts'

interface Traces {
  /** Names that other well-known programs have too (goose, pi, q, zed) tell nothing. */
  readonly programs: readonly string[]
  /** In the project, or in HOME. `.github` and `.agents` by themselves belong to many. */
  readonly paths: readonly string[]
}

const TRACES: Readonly<Record<string, Traces>> = {
  claude: { programs: ['claude'], paths: ['.claude'] },
  codex: { programs: ['codex'], paths: ['.codex'] },
  copilot: {
    programs: ['copilot'],
    paths: ['.github/copilot-instructions.md', '.github/prompts', '.copilot'],
  },
  gemini: { programs: ['gemini'], paths: ['.gemini'] },
  cursor: { programs: ['cursor-agent', 'cursor'], paths: ['.cursor'] },
  opencode: { programs: ['opencode'], paths: ['.opencode', '.config/opencode'] },
  qwen: { programs: ['qwen'], paths: ['.qwen'] },
  amp: { programs: ['amp'], paths: ['.amp', '.config/amp'] },
  antigravity: { programs: ['antigravity'], paths: ['.antigravity'] },
  auggie: { programs: ['auggie'], paths: ['.augment'] },
  cline: { programs: ['cline'], paths: ['.clinerules'] },
  goose: { programs: [], paths: ['.goose', '.config/goose'] },
  junie: { programs: ['junie'], paths: ['.junie'] },
  kilocode: { programs: ['kilocode'], paths: ['.kilocode'] },
  kiro: { programs: ['kiro-cli', 'kiro'], paths: ['.kiro'] },
  letta: { programs: ['letta'], paths: ['.letta'] },
  pi: { programs: [], paths: ['.pi'] },
  q: { programs: [], paths: ['.amazonq'] },
  roo: { programs: [], paths: ['.roo'] },
  vibe: { programs: ['vibe'], paths: ['.vibe'] },
  windsurf: { programs: ['windsurf'], paths: ['.windsurf'] },
  zed: { programs: ['zeditor'], paths: ['.zed'] },
}

export interface FoundAgent {
  readonly agent: Agent
  /** For a person: `claude on PATH`, `.cursor in the project`, `~/.qwen`. */
  readonly by: string
}

/** In the order of the table of agents. */
export function findAgents(ports: Pick<Ports, 'env' | 'files'>, root: string): readonly FoundAgent[] {
  return AGENTS.flatMap(agent => {
    const by = traceOf(ports, root, TRACES[agent.key] ?? { programs: [], paths: [] })
    return by === undefined ? [] : [{ agent, by }]
  })
}

function traceOf({ env, files }: Pick<Ports, 'env' | 'files'>, root: string, { programs, paths }: Traces) {
  const own = paths.find(path => files.stat(join(root, path)) !== undefined)
  if (own !== undefined) return `${own} in the project`
  const program = programs.find(name => env.find(name) !== undefined)
  if (program !== undefined) return `${program} on PATH`
  const home = env.get('HOME') ?? env.get('USERPROFILE')
  const trace =
    home === undefined ? undefined : paths.find(path => files.stat(join(home, path)) !== undefined)
  return trace === undefined ? undefined : `~/${trace}`
}
