/** Makes completion stay: one line in the start file of a shell, or a file where the shell looks by itself. */
import { realpathSync } from 'node:fs'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { basename } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'
import { writeAtomic } from '@spec-kitty/host/write'
import { SCRIPTS, SHELLS, type Shell } from './scripts.ts'

export interface Installed {
  readonly shell: Shell
  /** Absolute. */
  readonly file: string
  /** The line that was put in; null where the whole file is ours. */
  readonly line: string | null
  readonly changed: boolean
}

const LINES = {
  bash: 'eval "$(spec-kitty completion bash)"',
  zsh: 'eval "$(spec-kitty completion zsh)"',
} as const

/** `name` is the shell, or that of $SHELL. Throws `invalid_input` for one that is not known. */
export function installCompletion(ports: Pick<Ports, 'env' | 'files'>, name?: string): Installed {
  const { env, files } = ports
  const asked = name ?? basename(env.get('SHELL') ?? '')
  const shell = SHELLS.find(known => known === asked)
  const home = env.get('HOME')
  if (shell === undefined || home === undefined)
    throw new KittyError('invalid_input', `No completion for the shell '${asked}'`, {
      hint: sh`Name one: spec-kitty completion install ${SHELLS[0]}`,
    })
  const file = startFile(shell, home, env)
  const before = files.text(file) ?? ''
  if (shell === 'fish') return write(file, before, SCRIPTS.fish, { shell, line: null })
  const own = LINES[shell]
  // Silent where the program is not: a start file travels between machines, and outlives what it speaks of.
  const line = `command -v spec-kitty >/dev/null && ${own}`
  // A line of one's own, as the manual has it, does as well.
  const has = before.split(/\r?\n/).some(text => text.includes(own) && !text.trimStart().startsWith('#'))
  const gap = before === '' || before.endsWith('\n') ? '' : '\n'
  return write(file, before, has ? before : `${before}${gap}${line}\n`, { shell, line })
}

function startFile(shell: Shell, home: string, env: Ports['env']): string {
  if (shell === 'bash') return `${home}/.bashrc`
  if (shell === 'zsh') return `${env.get('ZDOTDIR') ?? home}/.zshrc`
  return `${env.get('XDG_CONFIG_HOME') ?? `${home}/.config`}/fish/completions/spec-kitty.fish`
}

/** Start files are often links into a folder that people keep in git: what they lead to is written. */
function write(
  file: string,
  before: string,
  after: string,
  about: Pick<Installed, 'shell' | 'line'>,
): Installed {
  const changed = before !== after
  if (changed) writeAtomic(before === '' ? file : realpathSync(file), after)
  return { ...about, file, changed }
}
