/** docs/how-to/protected-branches.md, word by word, beside a remote that lets nobody push to main. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readCommands, root } from '../support/quick-start.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-protected-')))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const env = {
  PATH: `${join(root, 'bin')}:${process.env.PATH ?? ''}`,
  HOME: place,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: join(place, 'gitconfig'),
  TERM: 'dumb',
}

/** Runs a line in the clone; fails the test when it fails. */
function run(line: string): string {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', line], {
    cwd: join(place, 'shop'),
    env,
    encoding: 'utf8',
  })
  expect(status, `${line}\n${stdout}\n${stderr}`).toBe(0)
  return stdout.trim()
}

/** A bare `origin` with one commit on main, which refuses every push there, and a clone of it. */
function makeForge(): void {
  writeFileSync(join(place, 'gitconfig'), '[user]\n\tname = Ann\n\temail = a@example.com\n')
  mkdirSync(join(place, 'shop'))
  run(
    'git init -q --bare -b main ../origin.git && git init -q -b main && echo Shop > README.md && git add README.md',
  )
  run('git commit -qm Begin && git remote add origin ../origin.git && git push -qu origin main')
  run('git remote set-head origin main')
  const hook = 'while read _ _ ref; do if [ "$ref" = refs/heads/main ]; then echo GH006 >&2; exit 1; fi; done'
  writeFileSync(join(place, 'origin.git/hooks/pre-receive'), `#!/bin/sh\n${hook}\n`, { mode: 0o755 })
}

it('begins missions beside main, and never commits to it', () => {
  makeForge()
  const commands = readCommands('docs/how-to/protected-branches.md')
  const [init = '', setUp = '', ...rest] = commands
  const next = run(`${init} --json`)
  expect(JSON.parse(next).next_steps).toContain(setUp)
  run(setUp)
  const at: string[] = []
  for (const command of rest) {
    // The forge has merged the pull request of the set-up.
    if (command.startsWith('git switch main && git pull'))
      run('git -C ../origin.git update-ref refs/heads/main refs/heads/set-up-spec-kitty')
    run(command)
    if (command.startsWith('spec-kitty'))
      at.push(run('git symbolic-ref --short HEAD; git status --porcelain'))
  }
  expect(at).toEqual([
    expect.stringMatching(/^mission-payments-\w{8}$/),
    expect.stringMatching(/^mission-payments-\w{8}$/),
    'feat/refunds',
    'feat/invoices',
    'feat/search',
  ])
  expect(run('git rev-parse main')).toBe(run('git rev-parse set-up-spec-kitty'))
  const meta = (branch: string) =>
    JSON.parse(
      run(`git show "${branch}:$(git ls-tree -r --name-only ${branch} kitty-specs | grep meta.json)"`),
    )
  expect(meta('feat/invoices')).toMatchObject({ target_branch: 'main', home_branch: 'feat/invoices' })
  expect(meta('feat/search')).toMatchObject({ target_branch: 'feat/search' })
})
