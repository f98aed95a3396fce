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

function setBudget(budget: number): void {
  // Later ones count calls instead, and have a cheaper compiler in between.
  if (!process.versions.v8.startsWith('11.')) return
  process.getBuiltinModule('node:v8').setFlagsFromString(`--interrupt-budget=${budget}`)
}
