/** Runs a command line in this process against a test world: same code as the program, no spawn. */
import { DryRun } from '@spec-kitty/contracts/cli/dry-run'
import { isObject } from '@spec-kitty/contracts/json'
import type { Ports } from '@spec-kitty/core/world/ports'
import { flatten, parse, safeParse } from 'valibot'
import { COMMANDS, HIDDEN } from '../commands/index.ts'
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

/**
 * Every `--json` document that a test sees is held against the command's contract here, so that no command can answer
 * outside its committed schema. Throws when one does.
 */
export async function runCli(
  world: Place,
  words: readonly string[],
  options: {
    readonly columns?: number
    readonly color?: boolean
    readonly cwd?: string
    /** Width of the terminal behind stderr; left out: none is there. */
    readonly errorColumns?: number
  } = {},
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
    style: createStyle(options.color ?? false, options.columns ?? 100, options.columns !== undefined),
    errorStyle: createStyle(
      options.color ?? false,
      options.errorColumns ?? 100,
      options.errorColumns !== undefined,
    ),
    interactive: () => false,
    terminal: () => Promise.reject(new Error('no terminal')),
    ports: async note => ({
      ...world.ports,
      ...(cwd === undefined ? {} : { env: { ...world.ports.env, cwd } }),
      note,
    }),
  })
  if (words.includes('--json')) await holdToContract(words, stdout)
  return {
    status,
    stdout,
    stderr,
    get json(): unknown {
      return JSON.parse(stdout)
    },
  }
}

async function holdToContract(words: readonly string[], stdout: string): Promise<void> {
  const path = [3, 2, 1]
    .map(length => words.slice(0, length).join(' '))
    .find(name => name in COMMANDS || name in HIDDEN)
  const document: unknown = JSON.parse(stdout)
  if (path === undefined || isRefusal(document) || words.includes('--help')) return
  const { command } = (await (COMMANDS[path] ?? HIDDEN[path])?.load()) ?? {}
  if (command?.result === undefined) return
  const { issues } = safeParse(command.result, words.includes('--dry-run') ? rehearsed(document) : document)
  if (issues === undefined) return
  throw new Error(
    `spec-kitty ${path} answers outside its schema: ${JSON.stringify(flatten(issues))}\n${stdout}`,
  )
}

/** The document of a dry run without what a dry run adds to it, which has a contract of its own. Throws outside that. */
function rehearsed(document: unknown): unknown {
  if (!isObject(document) || !('plan' in document)) return document
  parse(DryRun, document)
  const { dry_run: _, plan: __, ...own } = document
  return own
}

/** The form of a failure, or of the orchestrator's envelope. */
function isRefusal(document: unknown): boolean {
  if (typeof document !== 'object' || document === null) return false
  const failed = 'error' in document && 'code' in document
  return failed || ('success' in document && document.success === false)
}
