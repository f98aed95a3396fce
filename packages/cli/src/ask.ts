/** Questions to a person at a terminal, the only door to the prompts library: what it shows steers no terminal. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { printable } from '@spec-kitty/core/text/printable'

export interface Option {
  readonly value: string
  readonly label: string
  readonly hint?: string
}

/** A line of text; `fallback` for an empty one. */
export async function askText(question: string, fallback: string): Promise<string> {
  const { text } = await import('@clack/prompts')
  const message = printable(question)
  return await answered(text({ message, placeholder: printable(fallback), defaultValue: fallback }))
}

export async function askYesNo(question: string): Promise<boolean> {
  const { confirm } = await import('@clack/prompts')
  return await answered(confirm({ message: printable(question) }))
}

/** The value of one option. */
export async function askOne(question: string, options: readonly Option[]): Promise<string> {
  const { select } = await import('@clack/prompts')
  return await answered(select({ message: printable(question), options: shown(options) }))
}

/** The values of one or more options; those of `chosen` are marked from the start. */
export async function askSome(
  question: string,
  options: readonly Option[],
  chosen: readonly string[],
): Promise<readonly string[]> {
  const { multiselect } = await import('@clack/prompts')
  return await answered(
    multiselect({
      message: printable(question),
      options: shown(options),
      initialValues: [...chosen],
      required: true,
    }),
  )
}

function shown(options: readonly Option[]) {
  return options.map(({ value, label, hint }) => ({
    value,
    label: printable(label),
    ...(hint === undefined ? {} : { hint: printable(hint) }),
  }))
}

/** Throws `interrupted` for Ctrl-C and Escape. */
async function answered<T>(asked: Promise<T>): Promise<Exclude<T, symbol>> {
  const answer = await asked
  if (typeof answer === 'symbol') throw new KittyError('interrupted', 'Cancelled, nothing written')
  return answer as Exclude<T, symbol>
}
