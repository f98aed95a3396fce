import { chmodSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { VerifySetup } from '@spec-kitty/contracts/cli/verify-setup'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let w: World
beforeEach(async () => {
  w = createWorld()
  await runCli(w, ['init', '--ai', 'claude'])
})
afterEach(() => w.cleanup())

async function verify(...words: string[]): Promise<VerifySetup> {
  const answer = await runCli(w, ['verify-setup', ...words, '--json'])
  const result = v.parse(VerifySetup, answer.json)
  expect(answer.status).toBe(result.findings.some(item => item.severity === 'error') ? 1 : 0)
  return result
}

it('tells where one is and that all is well, without a mission', async () => {
  const result = await verify()
  expect(result).toMatchObject({
    environment: {
      repo_root: w.root,
      project_root: w.root,
      in_worktree: false,
      current_branch: 'main',
      active_mission: null,
    },
    feature_detection: { detected: false },
    feature_analysis: null,
    recommendations: [],
    findings: [],
  })
  expect(result.file_integrity.total_present).toBe(result.file_integrity.total_expected)
  expect(result.file_integrity.total_expected).toBeGreaterThan(10)
  expect((await runCli(w, ['verify-setup'])).stdout).toContain('Everything is in place.')
})

it('tells about the mission: documents, branch, worktree, activity', async () => {
  addMission(w)
  expect((await verify()).feature_analysis).toMatchObject({
    state: 'not_started',
    branch_exists: false,
    worktree_path: null,
  })
  w.commit()
  advance(w, 'WP01', 'in_progress', 10)
  const branch = `kitty/mission-${MISSION_SLUG}`
  w.git('branch', branch)
  w.git('worktree', 'add', '-q', '-b', `${branch}-lane-a`, `.worktrees/${MISSION_SLUG}-lane-a`)
  const result = await verify('--mission', MISSION_SLUG)
  expect(result).toMatchObject({
    feature_detection: { detected: true, mission_slug: MISSION_SLUG, mission_type: 'software-dev' },
    worktree_status: { total_features: 1, active_worktrees: 1, in_development: 1 },
    feature_analysis: {
      state: 'in_development',
      branch_exists: true,
      worktree_exists: true,
      artifacts_in_main: ['plan.md', 'spec.md', 'tasks.md'],
      artifacts_in_worktree: ['plan.md', 'spec.md', 'tasks.md'],
      last_activity: '2026-01-01T00:00:11.000000+00:00',
    },
  })
})

it('calls merged and closed missions so', async () => {
  addMission(w, { slug: 'a', meta: { merged_at: '2026-01-01T00:00:00+00:00' } })
  addMission(w, { slug: 'b', id: null, meta: { closed_at: '2026-01-01T00:00:00+00:00' } })
  w.write('kitty-specs/b/lanes.json', '{')
  expect((await verify('--mission', 'a')).feature_analysis).toMatchObject({
    state: 'merged',
    branch_merged: true,
  })
  expect((await verify('--mission', 'b')).feature_analysis).toMatchObject({
    state: 'closed',
    branch_exists: false,
  })
})

it('says what is wrong, and what to do', async () => {
  rmSync(join(w.root, '.claude/commands/spec-kitty.plan.md'))
  w.write('.claude/commands/spec-kitty.merge.md', 'mine')
  const result = await verify()
  expect(result.file_integrity).toMatchObject({
    total_missing: 1,
    missing_files: ['.claude/commands/spec-kitty.plan.md'],
    edited_files: ['.claude/commands/spec-kitty.merge.md'],
  })
  expect(result.recommendations).toEqual(['spec-kitty doctor --fix'])
  w.write('.kittify/config.yaml', '{')
  addMission(w)
  w.write(`kitty-specs/${MISSION_SLUG}/status.events.jsonl`, 'broken\n')
  const broken = await verify()
  expect(broken.findings.map(item => item.code)).toEqual(
    expect.arrayContaining(['config_malformed', 'log_corrupt']),
  )
  expect(broken.file_integrity.total_expected).toBe(0)
  expect((await runCli(w, ['verify-setup'])).stdout).toContain('More: spec-kitty doctor')
})

it('finds programs on PATH without starting them', async () => {
  w.write(join(w.dir, 'bin/codex'), '#!/bin/sh\ntouch started\n')
  w.write(join(w.dir, 'bin/gemini'), 'not executable')
  chmodSync(join(w.dir, 'bin/codex'), 0o755)
  const place = { ports: w.at('.', { PATH: `${w.dir}/bin:${process.env.PATH}` }) }
  const answer = await runCli(place, ['verify-setup', '--json'])
  expect(v.parse(VerifySetup, answer.json).tools).toMatchObject({
    git: { available: true },
    codex: { available: true },
    gemini: { available: false },
  })
  expect(w.exists('started')).toBe(false)
})

it('fails outside a repository and for a mission that does not exist', async () => {
  const plain = createWorld({ git: false })
  try {
    expect(await runCli(plain, ['verify-setup', '--json'])).toMatchObject({
      status: 1,
      json: { code: 'not_a_repository' },
    })
  } finally {
    plain.cleanup()
  }
  expect(await runCli(w, ['verify-setup', '--mission', 'nope', '--json'])).toMatchObject({ status: 2 })
})
