/**
 * Drift between us and the published contract is caught: the real package spec-kitty-events, in a
 * nested Python environment, judges every event that our program puts on the wire, and refuses each injected drift.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { SLUG } from '../support/mission-repository.ts'
import { installPackages, type NestedEnv } from '../support/nested-env.ts'
import { readQuickStart } from '../support/quick-start.ts'
import { createSyncWorld, type SyncWorld, type WireEvent } from '../support/sync-world.ts'

export const EVENTS_PACKAGE = 'spec-kitty-events[conformance]==6.1.0'

const JUDGE = join(import.meta.dirname, '../support/judge_events.py')

type Fields = Readonly<Record<string, unknown>>

interface Drift {
  readonly name: string
  /** What the judge must say. */
  readonly named: RegExp
  /** Fields to set; undefined removes one. */
  readonly envelope?: Fields
  readonly payload?: Fields
}

export interface DriftCase extends Drift {
  readonly event: Fields
}

export interface Judgement {
  readonly status: number | null
  readonly output: string
}

/** Ways in which two programs drift apart, each with what the refusal must name. */
export const DRIFTS: readonly Drift[] = [
  { name: 'unknown envelope field', named: /envelope\.bogus/, envelope: { bogus: 1 } },
  { name: 'malformed event_id', named: /event_id/, envelope: { event_id: 'not-an-id' } },
  {
    name: 'event_id with a letter that ULIDs lack',
    named: /event_id/,
    envelope: { event_id: 'I'.repeat(26) },
  },
  { name: 'missing event_id', named: /envelope.*event_id/, envelope: { event_id: undefined } },
  { name: 'schema_version 999.0.0', named: /999\.0\.0/, envelope: { schema_version: '999.0.0' } },
  { name: 'schema_version 3.0.1', named: /3\.0\.1/, envelope: { schema_version: '3.0.1' } },
  {
    name: 'missing correlation_id',
    named: /envelope.*correlation_id/,
    envelope: { correlation_id: undefined },
  },
  { name: 'null project_uuid', named: /envelope.*project_uuid/, envelope: { project_uuid: null } },
  { name: 'negative clock', named: /envelope.*lamport_clock/, envelope: { lamport_clock: -1 } },
  { name: 'garbage timestamp', named: /envelope.*timestamp/, envelope: { timestamp: 'yesterday' } },
  { name: 'unknown event type', named: /NobodyKnows/, envelope: { event_type: 'NobodyKnows' } },
  { name: 'unknown payload field', named: /payload.*bogus/, payload: { bogus: 1 } },
  { name: 'legacy key', named: /feature_slug/, payload: { feature_slug: 'x' } },
  { name: 'missing payload field', named: /payload.*wp_id/, payload: { wp_id: undefined } },
  { name: 'unknown lane', named: /payload.*to_lane/, payload: { to_lane: 'flying' } },
  { name: 'force without a reason', named: /payload/, payload: { force: true, reason: null } },
]

/** One drifted copy of a WPStatusChanged event for each drift. */
export function driftCases(event: Fields): readonly DriftCase[] {
  return DRIFTS.map(drift => ({
    ...drift,
    event: { ...event, ...drift.envelope, payload: { ...(event.payload as Fields), ...drift.payload } },
  }))
}

/** Fails unless the judge refused this drift, and in words that name it. */
export function expectDriftCaught(drift: DriftCase, { status, output }: Judgement): void {
  const problems = problemsIn(output)
  const said = `status ${status}: ${output.trim().slice(0, 500)}`
  if (status !== 1 || problems.length === 0) throw new Error(`Drift not caught: ${drift.name} (${said})`)
  if (!problems.some(problem => drift.named.test(problem)))
    throw new Error(`Drift caught, but not named ${drift.named}: ${drift.name} (${said})`)
}

/** The findings in verdict lines; none when the output is something else, such as a traceback. */
function problemsIn(output: string): readonly string[] {
  try {
    return output
      .trim()
      .split('\n')
      .flatMap(line => (JSON.parse(line) as { readonly problems: readonly string[] }).problems)
  } catch {
    return []
  }
}

export interface DriftReport {
  readonly method: NestedEnv['method']
  /** Types of the events that our program sent. */
  readonly eventTypes: readonly string[]
  readonly drifts: number
}

/** The whole scenario. Throws `EnvironmentLimitation` before any product assertion when the machine cannot run it. */
export async function contractDriftCaught(nested: NestedEnv): Promise<DriftReport> {
  installPackages(nested, [EVENTS_PACKAGE])
  const world = await createSyncWorld(['WP01', 'WP02'])
  try {
    await exercise(world)
    const sent = world.sent()
    const { status, output } = judge(nested, sent)
    if (sent.length === 0 || status !== 0)
      throw new Error(`What we send is not what the contract says (${sent.length} events): ${output}`)
    const transition = sent.find(event => event.event_type === 'WPStatusChanged')
    if (transition === undefined) throw new Error('No WPStatusChanged was sent.')
    const cases = driftCases(transition)
    const drifted = judge(
      nested,
      cases.map(each => each.event),
    )
    const lines = drifted.output.split('\n')
    for (const [index, each] of cases.entries())
      expectDriftCaught(each, { status: drifted.status, output: lines[index] ?? '' })
    const eventTypes = [...new Set(sent.map(event => String(event.event_type)))]
    return { method: nested.method, eventTypes, drifts: cases.length }
  } finally {
    await world.cleanup()
  }
}

/** The whole life of a mission, as README's quick start types it, and what it leaves out. */
async function exercise(world: SyncWorld): Promise<void> {
  const words = [
    'agent',
    'status',
    'emit',
    'WP02',
    '--to',
    'blocked',
    '--actor',
    'claude',
    '--reason',
    'waits',
  ]
  const answers = [
    await world.login(),
    await world.shell(readQuickStart().join('\n')),
    await world.run([...words, '--mission', SLUG, '--json']),
    await world.run(['sync', 'now', '--json']),
  ]
  for (const [index, { status, stdout, stderr }] of answers.entries()) {
    if (status !== 0) throw new Error(`Step ${index} failed (${status}): ${stdout}${stderr}`)
  }
}

/** Asks the package in the nested environment. */
export function judge(nested: NestedEnv, events: readonly (WireEvent | Fields)[]): Judgement {
  const input = events.map(event => `${JSON.stringify(event)}\n`).join('')
  const { status, stdout, stderr } = spawnSync(nested.python, [JUDGE], { input, encoding: 'utf8' })
  return { status, output: stdout === '' ? stderr : stdout }
}
