/** `--from N --count N [--dense] [--shrink] [--keep] [--jobs N]`: walks with these seeds, one line for each that breaks a promise. */
import { shrink } from './shrink.ts'
import { type Outcome, walk } from './walk.ts'

const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const flag = (name: string): boolean => process.argv.includes(`--${name}`)

function report({ seed, violations, names, script, directory }: Outcome): string {
  const what = violations.map(({ kind, about }) => `--- ${kind}\n${about}`).join('\n')
  return `VIOLATION seed ${seed} (${names.length} actions) ${flag('keep') ? directory : ''}\n${what}\n--- script\n${script}\n=== end of ${seed}\n`
}

async function main(): Promise<number> {
  const [from, count, stride] = [option('seed', 1), option('walks', 1), option('stride', 1)]
  let failed = 0
  for (let i = 0; i < count; i++) {
    const seed = from + i * stride
    const started = performance.now()
    let outcome = await walk({ seed, keep: flag('keep'), dense: flag('dense') })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    if (outcome.violations.length > 0) {
      failed += 1
      if (flag('shrink')) outcome = await shrink(outcome)
      process.stdout.write(report(outcome))
    }
    process.stdout.write(`walk ${seed} ${outcome.violations[0]?.kind ?? 'ok'} ${seconds} s\n`)
  }
  return failed
}

process.exitCode = (await main()) > 0 ? 1 : 0
