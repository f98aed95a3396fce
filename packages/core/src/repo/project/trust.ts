/**
 * Commands that a repository brings along run as its user, so the user agrees once to each. What was agreed to is kept in
 * the git directory, which no clone carries, by the hash of setting and command: another word in it is another question.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import { sha256 } from '../../text/sha256.ts'
import type { Ports } from '../../world/ports.ts'
import type { Project } from './locate.ts'

export interface ForeignCommand {
  /** Where the repository says it, `worktree.setup` for example. */
  readonly setting: string
  readonly command: string
}

/** 32 hexadecimal digits that stand for exactly this command. */
export function trustKey({ setting, command }: ForeignCommand): string {
  return sha256(`${setting}\0${command}`).slice(0, 32)
}

/** The file of agreements: a key a line, then the setting for people. */
export function trustPath(project: Pick<Project, 'commonDir'>): string {
  return join(project.commonDir, 'spec-kitty-trust')
}

export function isTrusted(ports: Pick<Ports, 'files'>, project: Project, key: string): boolean {
  const lines = (ports.files.text(trustPath(project)) ?? '').split('\n')
  return lines.some(line => line.split(' ')[0] === key)
}

/** Throws `setup_not_trusted`, with the key in its data, for a command nobody has agreed to here. */
export function requireTrust(ports: Pick<Ports, 'files'>, project: Project, foreign: ForeignCommand): void {
  const key = trustKey(foreign)
  if (isTrusted(ports, project, key)) return
  const { setting, command } = foreign
  throw new KittyError(
    'setup_not_trusted',
    `${setting} of this repository was not allowed to run yet: ${command}`,
    {
      hint: sh`Read the command; when it may run with your rights: spec-kitty trust ${key}`,
      data: { setting, command, key },
    },
  )
}
