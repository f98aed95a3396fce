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
  /** A second home for the commands, as skills: where one kind of this agent reads only those. */
  readonly commandSkills?: string
}

const SHARED_SKILLS = '.agents/skills'

type Extras = Partial<Pick<Agent, 'orientation' | 'placeholder' | 'extension' | 'skills' | 'commandSkills'>>

/** Command files in Markdown. A placeholder only where the agent documents one: elsewhere it would reach the shell as it is. */
function markdown(key: string, name: string, commands: string, extras: Extras = {}): Agent {
  const base = { key, name, commands, format: 'markdown', extension: 'md', prefix: '/spec-kitty.' } as const
  // Amazon Q knows no skills.
  return { ...base, ...(key !== 'q' && { skills: SHARED_SKILLS }), ...extras }
}

function toml(key: string, name: string, commands: string, orientation: string): Agent {
  const base = { key, name, commands, format: 'toml', extension: 'toml', placeholder: '{{args}}' } as const
  return { ...base, prefix: '/spec-kitty.', skills: SHARED_SKILLS, orientation }
}

/** Commands that the agent finds as skills: in the shared folder, or in one of its own. */
function skill(key: string, name: string, prefix: string, skills = SHARED_SKILLS): Agent {
  const base = { key, name, commands: skills, format: 'skill', extension: 'md' } as const
  return { ...base, prefix, orientation: 'AGENTS.md', skills }
}

/** Sorted as people look for them; where each convention was read: docs/agents.md. */
export const AGENTS: readonly Agent[] = [
  markdown('claude', 'Claude Code', '.claude/commands', {
    placeholder: '$ARGUMENTS',
    orientation: '.claude/CLAUDE.md',
    skills: '.claude/skills',
  }),
  skill('codex', 'Codex CLI', '$spec-kitty-'),
  markdown('copilot', 'GitHub Copilot', '.github/prompts', {
    extension: 'prompt.md',
    orientation: '.github/copilot-instructions.md',
    // Its command line reads no prompt files.
    commandSkills: SHARED_SKILLS,
  }),
  toml('gemini', 'Gemini CLI', '.gemini/commands', 'GEMINI.md'),
  markdown('cursor', 'Cursor', '.cursor/commands', { orientation: '.cursor/rules/spec-kitty.mdc' }),
  markdown('opencode', 'opencode', '.opencode/commands', {
    placeholder: '$ARGUMENTS',
    orientation: 'AGENTS.md',
  }),
  markdown('qwen', 'Qwen Code', '.qwen/commands', {
    placeholder: '{{args}}',
    orientation: 'QWEN.md',
    skills: '.qwen/skills',
  }),
  skill('amp', 'Amp', '/spec-kitty-'),
  markdown('antigravity', 'Google Antigravity', '.agents/workflows', { orientation: 'AGENTS.md' }),
  markdown('auggie', 'Auggie CLI', '.augment/commands', { orientation: 'AGENTS.md' }),
  skill('cline', 'Cline', '/spec-kitty-'),
  skill('goose', 'Goose', '/spec-kitty-', '.goose/skills'),
  skill('junie', 'JetBrains Junie', '/spec-kitty-', '.junie/skills'),
  markdown('kilocode', 'Kilo Code', '.kilocode/workflows', {
    orientation: 'AGENTS.md',
    skills: '.kilocode/skills',
  }),
  markdown('kiro', 'Kiro CLI', '.kiro/prompts', {
    placeholder: '"$ARGUMENTS"',
    orientation: '.kiro/steering/spec-kitty.md',
  }),
  skill('letta', 'Letta Code', '/spec-kitty-'),
  skill('pi', 'Pi', '/skill:spec-kitty-'),
  markdown('q', 'Amazon Q Developer CLI', '.amazonq/prompts', {
    orientation: '.amazonq/rules/spec-kitty.md',
  }),
  markdown('roo', 'Roo Code', '.roo/commands', { orientation: 'AGENTS.md', skills: '.roo/skills' }),
  skill('vibe', 'Mistral Vibe', '/spec-kitty-'),
  markdown('windsurf', 'Windsurf', '.windsurf/workflows', { orientation: '.windsurf/rules/spec-kitty.md' }),
  skill('zed', 'Zed', '/spec-kitty-'),
  skill('agents-md', 'Any agent that reads AGENTS.md', 'spec-kitty-'),
]

export function findAgent(key: string): Agent | undefined {
  return AGENTS.find(agent => agent.key === key)
}

/** Path of a command's file, relative to the project. */
export function commandPath(agent: Agent, command: string): string {
  return agent.format === 'skill'
    ? commandSkillPath(agent.commands, command)
    : `${agent.commands}/spec-kitty.${command}.${agent.extension}`
}

/** Path of a command as a skill. The name of a skill takes small letters, digits and hyphens, and is that of its folder. */
export function commandSkillPath(skills: string, command: string): string {
  return `${skills}/${commandSkillName(command)}/SKILL.md`
}

export function commandSkillName(command: string): string {
  return `spec-kitty-${command}`
}

/** Path of a skill's file, relative to the project; undefined for an agent without skills. */
export function skillPath(agent: Agent, skill: string): string | undefined {
  return agent.skills === undefined ? undefined : `${agent.skills}/${skill}/SKILL.md`
}
