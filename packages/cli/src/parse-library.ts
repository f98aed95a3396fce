/**
 * The adapter to the argument parser: a declaration becomes a stricli command. Loaded for a command line that `parse.ts`
 * does not understand at once, to read it or to say what is wrong with it. The only file that knows the library.
 */
import { type BaseArgs, type BaseFlags, buildApplication, buildCommand, run } from '@stricli/core'
import { type FlagSpec, type Flags, kebab } from './command.ts'

/** What the words say: flags by name, and arguments. */
export interface Scan {
  readonly flags: Record<string, unknown>
  readonly positional: readonly string[]
}

export interface Prepared {
  readonly words: readonly string[]
  /** The values of text, count and many flags; the words hold their positions here. */
  readonly values: readonly string[]
}

/** What the words say, or what is wrong with them. */
export async function scanByLibrary(path: string, flags: Flags, line: Prepared): Promise<Scan | string> {
  const got: { scan?: Scan } = {}
  const complaints: string[] = []
  const parser = buildCommand({
    func: (values: BaseFlags, ...positional: BaseArgs) => {
      got.scan = { flags: { ...values }, positional: positional.map(String) }
    },
    parameters: {
      flags: Object.fromEntries(
        Object.entries(flags).map(([name, flag]) => [name, toLibrary(flag, line.values)]),
      ),
      aliases: aliases(flags),
      positional: { kind: 'array', parameter: { brief: '', parse: String } },
    },
    docs: { brief: '' },
    // The library types a command's parameters from its function; ours come from the declaration.
  } as unknown as Parameters<typeof buildCommand>[0])
  const application = buildApplication(parser, {
    name: `spec-kitty ${path}`,
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
  })
  const stream = { write: (text: string) => void complaints.push(text) }
  await run(application, line.words, { process: { stdout: stream, stderr: stream, env: {} } })
  return got.scan ?? inOurWords(complaints.join('').trim())
}

/** The library suggests options by their inner names; the help page has them with hyphens. */
function inOurWords(complaint: string): string {
  return complaint
    .replace(/^No (?:flag|alias) registered for /, 'No such option: ')
    .replace(/, did you mean [\s\S]*$/, guess =>
      guess.replace(/--[a-z]\w*/g, word => `--${kebab(word.slice(2))}`),
    )
}

function toLibrary(flag: FlagSpec, values: readonly string[]): Record<string, unknown> {
  const parse = (index: string): string => values[Number(index)] ?? index
  const optional = flag.required !== true
  const base = { brief: flag.help, optional }
  switch (flag.kind) {
    case 'toggle':
      return { ...base, kind: 'boolean' }
    case 'choice':
      return { ...base, kind: 'enum', values: flag.choices }
    case 'many':
      return { ...base, kind: 'parsed', parse, variadic: true }
    case 'count':
    case 'text':
      return { ...base, kind: 'parsed', parse }
  }
}

function aliases(flags: Flags): Record<string, string> {
  const shorts = Object.entries(flags).filter(([, flag]) => flag.short !== undefined)
  return Object.fromEntries(shorts.map(([name, flag]) => [flag.short, name]))
}
