/** A command under an everyday word: the very declaration of the long one, with some options settled. */
import type { Command } from './command.ts'

interface Short {
  readonly description: string
  readonly examples: readonly string[]
  /** Options with their values; they are not asked for any more. */
  readonly settled: Readonly<Record<string, unknown>>
  /** Shorter name → name of the long command's option, which works as well. */
  readonly renamed?: Readonly<Record<string, string>>
  /** Options of the long command that say nothing here. */
  readonly without?: readonly string[]
}

export function shortcut(long: Command, short: Short): Command {
  const { description, examples, settled, renamed = {}, without = [] } = short
  const gone = new Set([...Object.keys(settled), ...without])
  const old = new Set(Object.values(renamed))
  const flags = Object.entries(long.flags)
    .filter(([name]) => !gone.has(name))
    .map(([name, flag]) => [name, old.has(name) ? { ...flag, hidden: true } : flag] as const)
  const added = Object.entries(renamed).flatMap(([name, target]) => {
    const flag = long.flags[target]
    return flag === undefined ? [] : [[name, flag] as const]
  })
  return {
    ...long,
    description,
    examples,
    flags: Object.fromEntries([...added, ...flags]),
    run: (ports, input, session) => {
      const own = Object.entries(renamed).map(
        ([name, target]) => [target, input[name] ?? input[target]] as const,
      )
      return long.run(ports, { ...input, ...Object.fromEntries(own), ...settled }, session)
    },
  }
}
