/** What the program asks of V8. */

/** What V8 11 begins with, and many times that, in its own units: about bytes of bytecode run. */
const USUAL_BUDGET = 67_584
const LONG_BUDGET = 1_000_000
let delayed = false

/**
 * Makes V8 wait longer before it compiles hot code once more. A command that reads a long log runs 50 ms; V8 would spend 25 ms of another core's time on code that is thrown away right after. A run that goes on (a log
 * ten times as long, a server) still gets there. ADR 0030.
 */
export function delayOptimization(): void {
  if (delayed) return
  delayed = true
  setBudget(LONG_BUDGET)
  // Before the compiled forms are kept: no later run would take what has another budget in it.
  process.prependListener('exit', () => setBudget(USUAL_BUDGET))
}

/**
 * The same for one piece of work. Under another budget V8 takes no compiled form, neither of our chunks nor of Node's own
 * modules; so it is set back.
 */
export function delayingOptimization<T>(work: () => T): T {
  setBudget(LONG_BUDGET)
  try {
    return work()
  } finally {
    if (!delayed) setBudget(USUAL_BUDGET)
  }
}

/**
 * For a server that rests most of the time: its heap is swept whenever a fifth has come to it, and not only when it has
 * doubled. Costs a twentieth more of processor time.
 */
export function sweepOften(): void {
  // Those of which it is known that they have it; of others it would be a line on stderr.
  if (/^1[1-3]\./.test(process.versions.v8)) setFlag('--heap-growing-percent=20')
}

function setBudget(budget: number): void {
  // Later ones count calls instead, and have a cheaper compiler in between.
  if (process.versions.v8.startsWith('11.')) setFlag(`--interrupt-budget=${budget}`)
}

function setFlag(flag: string): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(flag)
}
