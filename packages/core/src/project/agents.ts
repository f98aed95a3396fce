/** The coding agents we can set up, as data. */

/** How a slash command reaches the agent. */
export type CommandFormat = 'markdown' | 'toml' | 'skill'

export interface Agent {
  readonly key: string
  readonly name: string
  /** Where its command files lie, relative to the project. */
  readonly commands: string
  readonly format: CommandFormat
  /** Ending of a command file. Skills are called SKILL.md in a directory of their own. */
  readonly extension: string
  /** What the agent replaces by the user's words; absent where it has no such thing. */
  readonly placeholder?: string
  /** How a person calls a command: this, then the command's name. */
  readonly prefix: string
  /** The file the agent reads at every start; our block goes in there. */
  readonly orientation?: string
  /** Where it looks for skills, relative to the project; absent where it knows none. */
  readonly skills?: string
}

const SHARED_SKILLS = '.agents/skills'

function markdown(key: string, name: string, commands: string, orientation?: string): Agent {
  const base = {
    key,
    name,
    commands,
    format: 'markdown',
    extension: 'md',
    placeholder: '$ARGUMENTS',
  } as const
  return { ...base, prefix: '/spec-kitty.', ...(orientation === undefined ? {} : { orientation }) }
}

function toml(key: string, name: string, commands: string, orientation?: string): Agent {
  const base = { key, name, commands, format: 'toml', extension: 'toml', placeholder: '{{args}}' } as const
  return { ...base, prefix: '/spec-kitty.', ...(orientation === undefined ? {} : { orientation }) }
}

function skill(key: string, name: string, prefix: string): Agent {
  return {
    key,
    name,
    commands: SHARED_SKILLS,
    format: 'skill',
    extension: 'md',
    prefix,
    orientation: 'AGENTS.md',
  }
}

/** Skill roots of an agent's own; all others but Amazon Q read the shared one. */
const OWN_SKILLS: Readonly<Record<string, string>> = {
  claude: '.claude/skills',
  qwen: '.qwen/skills',
  kilocode: '.kilocode/skills',
}

function withSkills(agent: Agent): Agent {
  return agent.key === 'q' ? agent : { ...agent, skills: OWN_SKILLS[agent.key] ?? SHARED_SKILLS }
}

const LIST: readonly Agent[] = [
  {
    ...markdown('copilot', 'GitHub Copilot', '.github/prompts', '.github/copilot-instructions.md'),
    extension: 'prompt.md',
  },
  markdown('claude', 'Claude Code', '.claude/commands', '.claude/CLAUDE.md'),
  toml('gemini', 'Gemini CLI', '.gemini/commands', 'GEMINI.md'),
  markdown('cursor', 'Cursor', '.cursor/commands', '.cursor/rules/spec-kitty.mdc'),
  toml('qwen', 'Qwen Code', '.qwen/commands'),
  markdown('opencode', 'opencode', '.opencode/command', 'AGENTS.md'),
  markdown('windsurf', 'Windsurf', '.windsurf/workflows', '.windsurf/rules/spec-kitty.md'),
  markdown('kilocode', 'Kilo Code', '.kilocode/workflows'),
  markdown('auggie', 'Auggie CLI', '.augment/commands'),
  markdown('q', 'Amazon Q Developer CLI', '.amazonq/prompts'),
  markdown('kiro', 'Kiro CLI', '.kiro/prompts', '.kiro/steering/spec-kitty.md'),
  markdown('antigravity', 'Google Antigravity', '.agent/workflows', 'AGENTS.md'),
  skill('codex', 'Codex CLI', '$spec-kitty.'),
  skill('vibe', 'Mistral Vibe', '/spec-kitty.'),
  skill('pi', 'Pi', '/skill:spec-kitty.'),
  skill('letta', 'Letta Code', '/spec-kitty.'),
]

export const AGENTS: readonly Agent[] = LIST.map(withSkills)

export function findAgent(key: string): Agent | undefined {
  return AGENTS.find(agent => agent.key === key)
}

/** Path of a command's file, relative to the project. */
export function commandPath(agent: Agent, command: string): string {
  const file = `${agent.commands}/spec-kitty.${command}`
  return agent.format === 'skill' ? `${file}/SKILL.md` : `${file}.${agent.extension}`
}

/** Path of a skill's file, relative to the project; undefined for an agent without skills. */
export function skillPath(agent: Agent, skill: string): string | undefined {
  return agent.skills === undefined ? undefined : `${agent.skills}/${skill}/SKILL.md`
}
