/** Types commands of the product and holds each against the promises. */

import { broken, isReading, type Violation } from './oracle.ts'
import type { Dice } from './random.ts'
import { type Answer, brief, type Stage } from './stage.ts'

export interface Team {
  readonly stage: Stage
  readonly dice: Dice
  readonly violations: Violation[]
  /** One command with `--json`; now and then its dry run before it, always for a merge. */
  readonly command: (words: readonly string[], cwd?: string) => Promise<Answer>
  /** The command dies at a step; what was there must still be there. */
  readonly kill: (words: readonly string[], step: number) => boolean
  readonly sh: Stage['sh']
}

export function createTeam(stage: Stage, dice: Dice): Team {
  const violations: Violation[] = []
  const tell = (found: readonly Violation[], words: readonly string[]) => {
    for (const { kind, about } of found)
      violations.push({ kind, about: `spec-kitty ${words.join(' ')}\n${about}` })
  }
  const once = async (words: readonly string[], cwd?: string): Promise<Answer> => {
    const all = [...words, '--json']
    const before = stage.camera.shoot()
    const answer = await stage.product(all, cwd)
    tell(broken({ stage, words: all, before, after: stage.camera.shoot(), answer }), all)
    return answer
  }
  return {
    stage,
    dice,
    violations,
    command: async (words, cwd) => {
      const rehearses = rehearsable(words) && (words[0] === 'merge' || dice.chance(0.25))
      const dry = rehearses ? await once([...words, '--dry-run'], cwd) : undefined
      const real = await once(words, cwd)
      if (dry !== undefined) tell(foretold(words, dry, real), words)
      return real
    },
    kill: (words, step) => {
      const all = [...words, '--json']
      const before = stage.camera.shoot()
      const killed = stage.killed(all, step)
      tell(broken({ stage, words: all, before, after: stage.camera.shoot(), answer: undefined }), [
        '(killed)',
        ...all,
      ])
      return killed
    },
    sh: stage.sh,
  }
}

const REHEARSABLE =
  /^(agent (tasks (move-task|finalize-tasks|mark-status)|action (implement|review))|approve|reject|submit|start|merge|mission (close|reopen)|doctor --fix)\b/

function rehearsable(words: readonly string[]): boolean {
  return (
    !isReading(words) &&
    REHEARSABLE.test(words.join(' ')) &&
    !words.some(word => /^--(resume|abort|push|fetch|recover|pr)$/.test(word))
  )
}

/** The dry run and the real run are of one mind. */
function foretold(words: readonly string[], dry: Answer, real: Answer): readonly Violation[] {
  const about = `dry: ${brief(dry)}\nreal: ${brief(real)}`
  if ((dry.status === 0) !== (real.status === 0))
    return [{ kind: 'the dry run foretells something else', about }]
  if (dry.status === 0) return []
  const reasons = (answer: Answer) => JSON.stringify([answer.document?.code, answer.document?.blockers])
  const same = words[0] !== 'merge' || reasons(dry) === reasons(real)
  const code = dry.document?.code === real.document?.code
  return same && code ? [] : [{ kind: 'the dry run gives other reasons', about }]
}
