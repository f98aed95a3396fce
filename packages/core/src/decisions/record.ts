/** What opening and closing a decision share: one transaction over index, page and log, one commit. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { DecisionEntry, DecisionIndex } from '@spec-kitty/contracts/files/decision'
import type { JsonObject } from '@spec-kitty/contracts/json'
import type { Remedy } from '@spec-kitty/contracts/sh'
import { drawStamps, type StatusFacts } from '../repo/log/emit.ts'
import type { Stamp } from '../repo/log/transition.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'
import { printArtifact } from './artifact.ts'
import { artifactPath, indexPath, printIndex, readIndex } from './index-file.ts'

export interface DecisionFacts {
  readonly mission: Mission
  readonly status: StatusFacts
  readonly index: DecisionIndex
}

export interface DecisionPlan {
  readonly index: DecisionIndex
  readonly entry: DecisionEntry
  readonly event: {
    readonly type: 'DecisionPointOpened' | 'DecisionPointResolved'
    readonly payload: JsonObject
  }
  /** Words of the new line in the page's change log. */
  readonly change: string
}

type Stamps = readonly [Stamp, ...Stamp[]]

/**
 * Two stamps: the id of a new decision, and its event. A decision without a plan changes nothing. Throws what every
 * writing command throws.
 */
export function recordDecision<R>(
  ports: Ports,
  input: { readonly mission?: string | undefined; readonly autoCommit?: boolean | undefined },
  decide: (facts: DecisionFacts, stamps: Stamps) => { readonly plan?: DecisionPlan; readonly answer: R },
): Promise<R> {
  return write<R>(ports, input, async scene => {
    const { mission } = scene
    const status = await scene.status()
    const stamps = drawStamps(ports, status, 2)
    const { plan, answer } = decide({ mission, status, index: readIndex(ports, mission) }, stamps)
    if (plan === undefined) return { answer }
    const { index, entry, event, change } = plan
    const page = artifactPath(mission, entry.decision_id)
    const { at, id } = stamps[1] ?? stamps[0]
    const content = printArtifact(entry, ports.files.text(page), `- \`${at}\` — ${change}`)
    return {
      files: [
        { kind: 'write_file', path: indexPath(mission), content: printIndex(index) },
        { kind: 'write_file', path: page, content },
      ],
      events: [{ at, event_id: id, event_type: event.type, payload: event.payload }],
      message: `Record decision ${entry.input_key} for feature ${mission.slug}`,
      answer,
    }
  })
}

/** A refusal under the Python edition's code word. */
export function decisionRefusal(
  code: string,
  message: string,
  details: JsonObject,
  hint: Remedy,
): KittyError {
  return new KittyError('decision_refused', message, { hint, data: { code, details } })
}

/** The index and the payloads of events spell times with `Z`, pages and rows with the offset. */
export function zulu(at: string): string {
  return at.replace(/\+00:00$/, 'Z')
}
