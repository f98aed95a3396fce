/** How a command is declared, in our terms. `parse.ts` reads a command line by it. */
import type { Answer } from '@spec-kitty/contracts/answer'
import type { Json } from '@spec-kitty/contracts/json'
import type { Ports } from '@spec-kitty/core/world/ports'
import type { GenericSchema } from 'valibot'
import type { Style } from './style.ts'
import type { Terminal } from './terminal.ts'

/* ---------------------------------------------------------------- arguments */

export interface ArgSpec<Many extends boolean = boolean, Required extends boolean = boolean> {
  readonly help: string
  readonly many: Many
  readonly required: Required
}

/** Exactly one value. */
export const arg = (help: string): ArgSpec<false, true> => ({ help, many: false, required: true })
/** One value or none. */
export const optionalArg = (help: string): ArgSpec<false, false> => ({ help, many: false, required: false })
/** One or more values; only as the last argument. */
export const args = (help: string): ArgSpec<true, true> => ({ help, many: true, required: true })
/** Any number of values; only as the last argument. */
export const anyArgs = (help: string): ArgSpec<true, false> => ({ help, many: true, required: false })

/* -------------------------------------------------------------------- flags */

interface FlagBase {
  readonly help: string
  /** Accepted, but not shown: a spelling of the Python edition. */
  readonly hidden?: boolean
  /** One letter. */
  readonly short?: string
  readonly required?: boolean
}
export interface TextFlag extends FlagBase {
  readonly kind: 'text'
  readonly value: string
}
export interface ManyFlag extends FlagBase {
  readonly kind: 'many'
  readonly value: string
}
export interface CountFlag extends FlagBase {
  readonly kind: 'count'
  readonly value: string
}
export interface ToggleFlag extends FlagBase {
  readonly kind: 'toggle'
}
export interface ChoiceFlag<C extends string = string> extends FlagBase {
  readonly kind: 'choice'
  readonly choices: readonly C[]
}
export type FlagSpec = TextFlag | ManyFlag | CountFlag | ToggleFlag | ChoiceFlag

type Options = Omit<FlagBase, 'help'>
type Placeholder = Options & { readonly value?: string }

export function text(
  help: string,
  options: Placeholder & { readonly required: true },
): TextFlag & { readonly required: true }
export function text(help: string, options?: Placeholder): TextFlag
export function text(help: string, options: Placeholder = {}): TextFlag {
  return { kind: 'text', help, value: 'TEXT', ...options }
}

/** May be given several times. */
export const many = (help: string, options: Placeholder = {}): ManyFlag => ({
  kind: 'many',
  help,
  value: 'TEXT',
  ...options,
})

/** A whole number of zero or more. */
export const count = (help: string, options: Placeholder = {}): CountFlag => ({
  kind: 'count',
  help,
  value: 'N',
  ...options,
})

/** `--name` and `--no-name`. */
export const toggle = (help: string, options: Options = {}): ToggleFlag => ({
  kind: 'toggle',
  help,
  ...options,
})

export function choice<const C extends string>(
  choices: readonly C[],
  help: string,
  options: Options & { readonly required: true },
): ChoiceFlag<C> & { readonly required: true }
export function choice<const C extends string>(
  choices: readonly C[],
  help: string,
  options?: Options,
): ChoiceFlag<C>
export function choice<const C extends string>(
  choices: readonly C[],
  help: string,
  options: Options = {},
): ChoiceFlag<C> {
  return { kind: 'choice', choices, help, ...options }
}

export const missionFlag: TextFlag = text('mission: directory name, slug, number, mid8 or id', {
  value: 'HANDLE',
})
export const autoCommitFlag: ToggleFlag = toggle(
  'commit the files this command writes (default: as configured)',
)

/** Of every command that writes, unless it declares one of its own. */
const dryRunFlag: ToggleFlag = toggle('say what would be done, and do nothing')

/* ------------------------------------------------------------- declarations */

export type Args = Readonly<Record<string, ArgSpec>>
export type Flags = Readonly<Record<string, FlagSpec>>

type ArgValue<A> =
  A extends ArgSpec<true> ? readonly string[] : A extends ArgSpec<false, true> ? string : string | undefined

type FlagValue<F> =
  F extends ChoiceFlag<infer C>
    ? C
    : F extends ManyFlag
      ? readonly string[]
      : F extends CountFlag
        ? number
        : F extends ToggleFlag
          ? boolean
          : string

type RequiredFlags<F> = { [K in keyof F]: F[K] extends { readonly required: true } ? K : never }[keyof F]

/** What `run` receives: every argument and flag under its own name; an absent flag is undefined. */
export type Input<A, F> = { readonly [K in keyof A]: ArgValue<A[K]> } & {
  readonly [K in RequiredFlags<F>]: FlagValue<F[K]>
} & { readonly [K in Exclude<keyof F, RequiredFlags<F>>]: FlagValue<F[K]> | undefined }

/** Beside its result a command learns whether a program is reading and how to talk to a person. */
export interface Session {
  /** `--json` was given: never ask, never decorate. */
  readonly json: boolean
  /** stdin and stdout are a terminal. */
  readonly interactive: () => boolean
  /** Writes human progress to stdout at once; silent with `--json`. Only for commands that show their work. */
  readonly show: (line: string) => void
  /** The answer is printed when `run` resolves; the program then stays until this promise does: for servers. */
  readonly stayUntil: (ended: Promise<void>) => void
  /** Ports that may write, for what a person does with a key while a reading command stays. */
  readonly acting: Ports
  /** Sends what flows told sync so far, for who stays; a command that ends has it done. */
  readonly settle: () => void
  /** One line of JSON, now; nothing is printed at the end then. False when nobody reads any more. */
  readonly emit: (document: object) => boolean
  /** The whole screen; nothing is printed at the end then. Only where `interactive`. */
  readonly terminal: () => Promise<Terminal>
  readonly style: Style
}

export interface CommandSpec<A extends Args, F extends Flags, S extends GenericSchema, R extends Answer<S>> {
  readonly description?: string
  readonly examples?: readonly string[]
  readonly args?: A
  readonly flags?: F
  /**
   * It can change something, and so has `--dry-run`; `elsewhere`: without it, only what is no part of the
   * project, or what a forge has done already. The ports of any other command refuse to write.
   */
  readonly writes?: true | 'elsewhere'
  /** Schema of the `--json` document; what `run` answers has its type, and tests check the value. */
  readonly result: S
  readonly run: (ports: Ports, input: Input<A, F>, session: Session) => Promise<R> | R
  /** Exit status of a result; 0 when left out. */
  readonly status?: (result: R, input: Input<A, F>) => number
  /** Indented JSON, for documents that people read. */
  readonly indent?: boolean
  /** The answer is one JSON document for everybody: there is no `--json`. */
  readonly alwaysJson?: boolean
  /** The human form is a document or a script: it is printed as it is, whatever the width of the terminal. */
  readonly verbatim?: boolean
  /** Human form; an empty text prints nothing. */
  readonly text: (result: R, style: Style, input: Input<A, F>) => string
}

/** A declaration whose types have been checked; the rest of the program sees this form. */
export interface Command {
  readonly description: string
  readonly examples: readonly string[]
  readonly args: Args
  readonly flags: Flags
  readonly result: GenericSchema
  readonly alwaysJson: boolean
  readonly run: (ports: Ports, input: Readonly<Record<string, unknown>>, session: Session) => Promise<Outcome>
}

export interface Outcome {
  readonly status: number
  /** The text is printed as it is, without breaking lines. */
  readonly verbatim: boolean
  readonly document: Json
  readonly indent: boolean
  readonly text: (style: Style) => string
}

/** Declares a command. The types of `input` follow from `args` and `flags`, those of the rest from `run`. */
export function defineCommand<
  const A extends Args = Record<never, never>,
  const F extends Flags = Record<never, never>,
  S extends GenericSchema = GenericSchema,
  R extends Answer<S> = Answer<S>,
>(spec: CommandSpec<A, F, S, R>): Command {
  const { writes } = spec
  const perform = async (ports: Ports, words: Readonly<Record<string, unknown>>, session: Session) => {
    // `parse.ts` builds the input from these very declarations, so the shape is the declared one.
    const input = words as Input<A, F>
    const result = await spec.run(ports, input, session)
    return {
      status: spec.status?.(result, input) ?? 0,
      document: result as Json,
      indent: spec.indent ?? false,
      verbatim: spec.verbatim ?? spec.alwaysJson ?? false,
      text: (style: Style) => spec.text(result, style, input),
    }
  }
  return {
    description: spec.description ?? '',
    examples: spec.examples ?? [],
    args: spec.args ?? {},
    flags: { ...(writes === true ? { dryRun: dryRunFlag } : {}), ...spec.flags },
    result: spec.result,
    alwaysJson: spec.alwaysJson ?? false,
    run: async (ports, input, session) => {
      if (writes === undefined) return await perform({ ...ports, apply: neverWrites }, input, session)
      if (writes === 'elsewhere' || input.dryRun !== true) return await perform(ports, input, session)
      const { runDry } = await import('./dry-run.ts')
      const own = spec.flags !== undefined && 'dryRun' in spec.flags
      return await runDry(ports, own, stage => perform(stage, input, session))
    },
  }
}

/** A fault of ours, not of the user: the command was declared as one that only reads. */
function neverWrites(): never {
  throw new Error('a command that only reads was about to write')
}

/** `dryRun` as `dry-run`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
}
