/** Runs a command line in this process against a test world: same code as the program, no spawn. */
import type { Ports } from '@spec-kitty/core/ports'
import { main } from '../main.ts'
import { createStyle } from '../style.ts'

export interface CliResult {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  /** The one JSON document on stdout. Throws when stdout holds anything else. */
  readonly json: unknown
}

interface Place {
  readonly ports: Ports
}

export async function runCli(
  world: Place,
  words: readonly string[],
  options: { readonly columns?: number; readonly color?: boolean; readonly cwd?: string } = {},
): Promise<CliResult> {
  let stdout = ''
  let stderr = ''
  const { cwd } = options
  const status = await main(words, {
    out: text => {
      stdout += text
    },
    err: text => {
      stderr += text
    },
    style: createStyle(options.color ?? false, options.columns ?? 100),
    interactive: () => false,
    ports: async note => ({
      ...world.ports,
      ...(cwd === undefined ? {} : { env: { ...world.ports.env, cwd } }),
      note,
    }),
  })
  return {
    status,
    stdout,
    stderr,
    get json(): unknown {
      return JSON.parse(stdout)
    },
  }
}
