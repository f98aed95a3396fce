/** What a Windows machine makes of a repository, on any machine: line ends, long paths, blanks and umlauts. */
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld } from '@spec-kitty/host/testing/world'
import { expect, it } from 'vitest'
import { runCli } from './testing/run-cli.ts'

it('works with core.autocrlf, CRLF everywhere, and a path of more than 200 letters with blanks and umlauts', async () => {
  const world = createWorld({ name: `Größe & Co (2) ${'sehr lang '.repeat(18)}Ende` })
  try {
    expect(world.root.length).toBeGreaterThan(200)
    world.git('config', 'core.autocrlf', 'true')
    addMission(world, { eol: '\r\n', deps: {} })
    world.write('.gitignore', '.worktrees/\r\n')
    world.commit()
    const file = `kitty-specs/${MISSION_SLUG}/tasks/WP01-demo.md`
    // As a clone brings it: git turns what it stored.
    world.git('rm', '-q', '--cached', '-r', '.')
    world.git('reset', '-q', '--hard')
    const run = async (...words: string[]) => {
      const { status, stdout, stderr } = await runCli(world, words)
      expect([status, stderr], stdout).toEqual([0, expect.not.stringContaining('rror')])
      return stdout
    }
    expect(await run('board')).toContain('WP02')
    await run('implement', 'WP01', '--agent', 'claude')
    await run('agent', 'tasks', 'mark-status', 'T011', 'T012', '--status', 'done')
    const lane = `.worktrees/${MISSION_SLUG}-lane-a`
    world.write(`${lane}/src/neu.txt`, 'Grüße\r\n')
    world.gitAt(lane, 'add', '-A')
    world.gitAt(lane, 'commit', '-qm', 'work')
    await run('submit', 'WP01')
    expect(JSON.parse(await run('board', '--json'))).toMatchObject({ by_lane: { for_review: 1, planned: 1 } })
    for (const path of [file, `kitty-specs/${MISSION_SLUG}/tasks.md`])
      expect(world.read(path).replaceAll('\r\n', ''), path).not.toContain('\n')
    expect(world.git('status', '--porcelain')).toBe('')
  } finally {
    world.cleanup()
  }
})
