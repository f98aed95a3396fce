import { MigrateBackfillIdentity } from '@spec-kitty/contracts/cli/migrate-backfill-identity'
import { planBackfill } from '@spec-kitty/core/project/migrate'
import { addMission, MISSION_ID } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

let w: World
beforeEach(() => {
  w = createWorld()
  addMission(w)
  addMission(w, { slug: '007-old', id: null, meta: { mission_number: '007', custom: { kept: true } } })
  w.write('kitty-specs/008-bare/spec.md', '# Spec\n')
  w.commit()
})
afterEach(() => w.cleanup())

const run = async (...words: string[]) =>
  await runCli(w, ['migrate', 'backfill-identity', ...words, '--json'])
const meta = (slug: string) => JSON.parse(w.read(`kitty-specs/${slug}/meta.json`))

it('gives ids to those that have none and leaves everything else as it was', async () => {
  const answer = await run()
  expect(answer.status).toBe(0)
  expect(v.parse(MigrateBackfillIdentity, answer.json)).toMatchObject({
    dry_run: false,
    summary: { total: 3, wrote: 2, skip: 1, error: 0, number_coerced: 1, dossier_warnings: 0 },
    committed: false,
  })
  expect(meta('007-old')).toMatchObject({ mission_number: 7, custom: { kept: true } })
  expect(meta('008-bare')).toMatchObject({
    mission_number: 8,
    slug: '008-bare',
    mission_type: 'software-dev',
  })
  const ids = [meta('007-old').mission_id, meta('008-bare').mission_id, MISSION_ID]
  expect(new Set(ids).size).toBe(3)
  expect(await run()).toMatchObject({ json: { summary: { wrote: 0, skip: 3 } } })
})

it('writes nothing with --dry-run, one mission with --mission, and commits only when asked', async () => {
  expect(await run('--dry-run')).toMatchObject({ json: { dry_run: true, summary: { wrote: 2 } } })
  expect(w.git('status', '--porcelain')).toBe('')
  expect(await run('--mission', '007-old')).toMatchObject({ json: { summary: { total: 1, wrote: 1 } } })
  expect(await run('--mission', 'nope')).toMatchObject({ status: 2 })
  expect(await run('--commit')).toMatchObject({ json: { committed: true } })
  expect(w.git('show', '--name-only', '--format=')).toBe('kitty-specs/008-bare/meta.json')
})

it('reports a broken meta.json and goes on', async () => {
  w.write('kitty-specs/broken/meta.json', '[]')
  expect(await run()).toMatchObject({ status: 1, json: { summary: { wrote: 2, error: 1 } } })
  const { stdout } = await runCli(w, ['migrate', 'backfill-identity'])
  expect(stdout).toContain('0 missions got an id, 3 had one, 1 cannot be read.')
  expect(stdout).toContain('kitty-specs/broken/meta.json: meta.json is not a JSON object')
})

describe('planBackfill', () => {
  const mission = { slug: 'x', rel: 'kitty-specs/x' }
  it.each([
    ['{"mission_id": "A"}', 'skip', undefined],
    ['{"mission_id": "A", "mission_number": "12"}', 'wrote', '{"mission_id": "A", "mission_number": 12}'],
    ['{"b": 1.0}', 'wrote', '{"b": 1.0, "mission_id": "NEW"}'],
    ['nonsense', 'error', undefined],
  ])('%s: %s', (before, action, content) => {
    const plan = planBackfill(mission, before, 'NEW')
    expect([plan.row.action, plan.content]).toEqual([action, content])
  })
})
