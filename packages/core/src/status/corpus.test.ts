/** Real missions of the Python edition: what it reduced from each log is what we must reduce (read-only test material). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type Json, type JsonObject, printSorted } from '@spec-kitty/contracts/json'
import { describe, expect, test } from 'vitest'
import { printRow, readLog } from '../repo/log/log.ts'
import { reduceLog } from '../repo/log/reduce.ts'
import { printSnapshot, snapshotOf } from '../repo/log/snapshot.ts'

const CORPUS = join(import.meta.dirname, '../../../../../shared/conformance/corpus')
const present = existsSync(CORPUS)

const read = (...path: string[]) => readFileSync(join(CORPUS, ...path), 'utf8')
const names = (folder: string) =>
  readdirSync(join(CORPUS, folder), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== '_historic')
    .map(entry => entry.name)

function identity(folder: string, slug: string) {
  const meta: JsonObject = existsSync(join(CORPUS, folder, 'input/meta.json'))
    ? JSON.parse(read(folder, 'input/meta.json'))
    : {}
  // `mission` is the name of the key in the oldest files.
  const type = meta.mission_type ?? meta.mission
  return {
    slug,
    number: typeof meta.mission_number === 'number' ? meta.mission_number : null,
    type: typeof type === 'string' ? type : 'software-dev',
  }
}

/** Without `materialized_at`, which the recorded snapshots leave out; an empty log has no slug there. */
function comparable(text: string, snapshotText: string): Json {
  const { materialized_at: _, ...rest } = JSON.parse(snapshotText) as JsonObject
  return readLog(text).some(row => row.kind === 'transition') ? rest : { ...rest, mission_slug: '' }
}

describe.skipIf(!present)(
  'missions of the Python edition (skipped: ../shared/conformance/corpus is absent)',
  () => {
    test.each(present ? names('.') : [])('%s', mission => {
      const text = read(mission, 'input/status.events.jsonl')
      const bytes = printSnapshot(snapshotOf(reduceLog(text), identity(mission, mission)))
      expect(comparable(text, bytes)).toEqual(JSON.parse(read(mission, 'expected.json')))
      // Bytes: the same members printed by the writer are the recorded file.
      expect(printSorted(comparable(text, bytes))).toBe(read(mission, 'expected.json'))
    })

    test.each(present ? names('.') : [])('%s is written as it was read', mission => {
      for (const row of readLog(read(mission, 'input/status.events.jsonl'))) {
        expect(printRow(row.value)).toBe(row.raw)
      }
    })
  },
)

describe.skipIf(!present)('old, odd and newer logs (skipped: ../shared/conformance/corpus is absent)', () => {
  test.each(present ? names('_historic') : [])('%s', name => {
    const folder = `_historic/${name}`
    const text = read(folder, 'input/status.events.jsonl')
    const slug = name.replace(/^\d{3}-/, '')
    // A log is refused only when 3.2.0 and the later 3.2.7 both refuse it: annotations must be read.
    const accepted = ['expected.json', 'expected_327.json'].find(file =>
      existsSync(join(CORPUS, folder, file)),
    )
    if (accepted === undefined) {
      const line = /line (\d+)/.exec(read(folder, 'expected_error.txt'))?.[1]
      expect(() => reduceLog(text)).toThrow(expect.objectContaining({ code: 'log_corrupt' }))
      expect(() => reduceLog(text)).toThrow(`line ${line}: `)
      return
    }
    const got = comparable(text, printSnapshot(snapshotOf(reduceLog(text), identity(folder, slug))))
    const want = JSON.parse(read(folder, accepted)) as JsonObject
    expect(got).toMatchObject(accepted === 'expected.json' ? want : withoutRuntime(want))
  })
})

/** The later edition copies agent and notes from annotations into its snapshot; lanes are what both share. */
function withoutRuntime(snapshot: JsonObject): JsonObject {
  const wps = isObject(snapshot.work_packages) ? snapshot.work_packages : {}
  const shared = ['lane', 'last_transition_at', 'last_event_id', 'force_count']
  const cut = Object.entries(wps).map(([wpId, state]) => [
    wpId,
    Object.fromEntries(Object.entries(isObject(state) ? state : {}).filter(([key]) => shared.includes(key))),
  ])
  return { ...snapshot, work_packages: Object.fromEntries(cut) }
}
