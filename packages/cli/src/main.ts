/** From words to exit status. Knows no process: `bin.ts` and the tests hand everything in. */

import { KittyError } from '@spec-kitty/contracts/errors'
import type { Json } from '@spec-kitty/contracts/json'
import { refuseOtherSchema } from '@spec-kitty/core/repo/project/schema'
import type { Ports } from '@spec-kitty/core/world/ports'
import type { Command, Session } from './command.ts'
import { DIALECTS, type Dialect, type Entry, entryOf } from './commands/index.ts'
import { createFinalSync } from './final-sync.ts'
import type { Io } from './io.ts'
import { printFailure, printJson, printLine, printNote, printOutcome, printText } from './print.ts'
import { VERSION } from './version.ts'

/** Runs one command line (without program name) and resolves with its exit status. Never throws. */
export async function main(words: readonly string[], io: Io): Promise<number> {
  if (words[0] === '--version' || words[0] === '-V' || words[0] === 'version') {
    if (words.includes('--json')) printJson({ version: VERSION }, io)
    else printText(`spec-kitty ${VERSION}`, io)
    return 0
  }
  try {
    return await dispatch(words[0] === 'help' ? [...words.slice(1), '--help'] : words, io)
  } catch (error) {
    const dialect = DIALECTS[words[0] ?? '']
    if (dialect !== undefined) return await printInDialect(await dialect(), error, io)
    return printFailure(error, { json: words.includes('--json'), verbose: words.includes('--verbose') }, io)
  }
}

/** A group with a form of its own keeps it when the command line is not understood. */
async function printInDialect({ failure }: Dialect, error: unknown, io: Io): Promise<number> {
  const ports = await io.ports(line => printNote(line, io))
  const { document, status } = failure(ports, error)
  printJson(document as Json, io)
  return status
}

async function dispatch(all: readonly string[], io: Io): Promise<number> {
  // Every command takes it: it is about failures.
  const words = all.filter(word => word !== '--verbose')
  const found = findCommand(words)
  if (found === undefined) return await group(words, io)
  // The one command that has left-out ones below it; their options would be unknown.
  if (found.path === 'doctor') await refuseLeftOut(words)
  const { command } = await found.entry.load()
  const { parseInput } = await import('./parse.ts')
  const parsed = await parseInput(found.path, command, words.slice(found.length))
  if (parsed.help) {
    const { commandHelp } = await import('./help.ts')
    return show(commandHelp(found.path, found.entry.summary, command, io.style), words, io)
  }
  return await runCommand(command, { ...parsed, gated: !found.entry.anyLayout }, io)
}

async function runCommand(
  command: Command,
  parsed: {
    readonly json: boolean
    readonly input: Readonly<Record<string, unknown>>
    readonly gated: boolean
  },
  io: Io,
): Promise<number> {
  let staying: Promise<void> | undefined
  let shown = false
  const note = (line: string) => printNote(line, io)
  const world = await io.ports(note)
  const sync = createFinalSync(world, note)
  const ports = { ...world, tell: sync.tell }
  const session: Session = {
    acting: ports,
    json: parsed.json,
    interactive: () => !parsed.json && io.interactive(),
    show: line => {
      if (!parsed.json) printLine(line, io)
    },
    emit: document => {
      shown = true
      return printJson(document as Json, io)
    },
    terminal: () => {
      shown = true
      return io.terminal()
    },
    stayUntil: ended => {
      staying = ended
    },
    settle: () => void sync.finish(),
    get style() {
      return io.style
    },
  }
  if (parsed.gated) refuseOtherSchema(ports)
  const outcome = await runTrusted(command, ports, parsed.input, session)
  if (!shown) printOutcome(outcome, parsed.json, io)
  await staying
  // The answer is out and stays what it is, whatever sync does now.
  await sync.finish()
  return outcome.status
}

/** Runs a command; a person at a terminal is asked about a command of the repository that nobody has agreed to yet. */
async function runTrusted(
  command: Command,
  ports: Ports,
  input: Readonly<Record<string, unknown>>,
  session: Session,
): Promise<Awaited<ReturnType<Command['run']>>> {
  try {
    return await command.run(ports, input, session)
  } catch (error) {
    if (error instanceof KittyError && error.code.startsWith('mission_')) {
      const { namedElsewhere } = await import('@spec-kitty/core/repo/mission/elsewhere')
      throw await namedElsewhere(ports, error)
    }
    if (error instanceof KittyError && error.restore !== undefined) {
      const { withGoodCopy } = await import('@spec-kitty/core/repo/project/good-copy')
      throw await withGoodCopy(ports, error)
    }
    const asks = error instanceof KittyError && error.code === 'setup_not_trusted' && session.interactive()
    if (!asks) throw error
    const { askYesNo } = await import('./ask.ts')
    if (!(await askYesNo(`${error.message}\nAllow it to run, now and from now on?`))) throw error
    const { trust } = await import('@spec-kitty/core/project/trust')
    await trust(ports, { key: String(error.data.key) })
    return await runTrusted(command, ports, input, session)
  }
}

interface Found {
  readonly path: string
  readonly length: number
  readonly entry: Entry
}

/** The longest declared path that the words begin with. */
function findCommand(words: readonly string[]): Found | undefined {
  const stop = words.findIndex(word => word.startsWith('-'))
  for (let length = Math.min(stop < 0 ? words.length : stop, 3); length > 0; length--) {
    const path = words.slice(0, length).join(' ')
    const entry = entryOf(path)
    if (entry !== undefined) return { path, length, entry }
  }
  return undefined
}

/** Throws `not_in_this_edition`. */
async function refuseLeftOut(words: readonly string[]): Promise<void> {
  const { leftOut } = await import('./left-out.ts')
  const refusal = leftOut(words)
  if (refusal !== undefined) throw refusal
}

/** Words that name a group or nothing: help when asked for or for a bare group, else a usage error. */
async function group(words: readonly string[], io: Io): Promise<number> {
  const plain = words.filter(word => !word.startsWith('-'))
  await refuseLeftOut(plain)
  const help = await import('./help.ts')
  const prefix = help.longestGroup(plain)
  const wrong = plain[prefix.length]
  if (wrong === undefined) {
    const unknown = words.find(word => word.startsWith('-') && !['--help', '-h', '--json'].includes(word))
    if (unknown !== undefined) throw help.unknownOption(unknown)
    const asked = words.includes('--help') || words.includes('-h')
    if (DIALECTS[prefix.join(' ')] !== undefined && !asked) throw help.missingCommand(prefix)
    return show(help.groupHelp(prefix, io.style), words, io)
  }
  throw help.unknownCommand(prefix, wrong)
}

function show(page: string, words: readonly string[], io: Io): number {
  if (words.includes('--json')) printJson({ help: page }, io)
  else printText(page, io)
  return 0
}
