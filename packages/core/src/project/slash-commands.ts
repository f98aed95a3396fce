/** Slash commands: one text each, rendered the way an agent reads it. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { join } from '../text/paths.ts'
import type { Files } from '../world/ports.ts'
import { type Agent, commandSkillName } from './agents.ts'

export interface CommandText {
  readonly name: string
  /** One line for menus. */
  readonly description: string
  /** Markdown with `{{ARGUMENTS}}` (the user's words; never inside a command line, where a shell would read them) and `{{AGENT}}` (the agent's key). */
  readonly body: string
}

/** What an agent is given: its commands, and skills that it picks up by itself. */
export interface AgentTexts {
  readonly commands: readonly CommandText[]
  readonly skills: readonly CommandText[]
}

/** The texts of `assets`, the directory that ships with the program. Throws `io_failed` when they are missing. */
export function readAgentTexts(files: Files, assets: string): AgentTexts {
  return {
    commands: readTexts(files, join(assets, 'commands')),
    skills: readTexts(files, join(assets, 'skills')),
  }
}

/** Texts that ship with the program: `<name>.md` = description, a line `---`, body. Throws `io_failed`. */
export function readTexts(files: Files, directory: string): readonly CommandText[] {
  const names = files.list(directory).filter(name => name.endsWith('.md'))
  if (names.length === 0) {
    throw new KittyError('io_failed', `The texts of Spec Kitty are missing: ${directory}`, {
      hint: sh`Install Spec Kitty again`,
    })
  }
  return names.map(name => {
    const [description = '', ...rest] = (files.text(join(directory, name)) ?? '').split('\n---\n')
    return { name: name.slice(0, -'.md'.length), description, body: rest.join('\n---\n') }
  })
}

/** The file for one agent. `version` goes into a comment that tells which edition wrote it. */
export function renderCommand(agent: Agent, text: CommandText, version: string): string {
  const body = marker(version) + fill(agent, text.body)
  switch (agent.format) {
    case 'markdown':
      return `---\ndescription: ${text.description}\n---\n${body}`
    case 'skill':
      return renderCommandSkill(text, version)
    case 'toml':
      return `description = ${JSON.stringify(text.description)}\n\nprompt = """\n${tomlText(body)}"""\n`
  }
}

/** A command as a skill: the same for every agent, since several share one directory. */
export function renderCommandSkill(text: CommandText, version: string): string {
  const head = `name: ${commandSkillName(text.name)}\ndescription: ${text.description}\nuser-invocable: true`
  return `---\n${head}\n---\n${marker(version)}${fill(undefined, text.body)}`
}

/** A skill is the same for every agent: several share one directory. */
export function renderSkill(text: CommandText, version: string): string {
  return `---\nname: ${text.name}\ndescription: ${text.description}\n---\n${marker(version)}${text.body}`
}

function marker(version: string): string {
  return `<!-- spec-kitty-command-version: ${version} -->\n`
}

const SPOKEN = "(the user's message after the name of this command)"

/** Skills are shared: the agent knows which one it is. */
const SHARED_KEY = '<your own key: codex, copilot, pi, …>'

function fill(agent: Agent | undefined, body: string): string {
  const asked = agent?.placeholder ?? SPOKEN
  return body.replaceAll('{{ARGUMENTS}}', () => asked).replaceAll('{{AGENT}}', agent?.key ?? SHARED_KEY)
}

function tomlText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"""', '\\"\\"\\"')
}
