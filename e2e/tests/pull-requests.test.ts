/** docs/how-to/pull-requests.md and check-in-ci.md, word by word, beside a forge that lets nobody push to main. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { readCommands, root } from '../support/quick-start.ts'

const place = realpathSync(mkdtempSync(join(tmpdir(), 'spec-kitty-pr-')))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const env = {
  PATH: `${join(place, 'bin')}:${join(root, 'bin')}:${process.env.PATH ?? ''}`,
  HOME: place,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: join(place, 'gitconfig'),
  TERM: 'dumb',
}

interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

function typed(line: string, cwd = 'shop', more: Readonly<Record<string, string>> = {}): Ran {
  const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', line]
  return spawnSync('bash', words, { cwd: join(place, cwd), env: { ...env, ...more }, encoding: 'utf8' })
}

/** Runs a line; fails the test when it fails. */
function run(line: string, cwd?: string): string {
  const { status, stdout, stderr } = typed(line, cwd)
  expect(status, `${line}\n${stdout}\n${stderr}`).toBe(0)
  return stdout.trim()
}

const json = (line: string): Record<string, unknown> => JSON.parse(run(`${line} --json`))
const lanes = () =>
  (json('spec-kitty status --mission payments').work_packages as { lane: string }[]).map(({ lane }) => lane)

/** `origin`, a fork of it, a clone with a planned mission of two packages in two lanes on a home branch. */
function makeShop(): void {
  writeFileSync(join(place, 'gitconfig'), '[user]\n\tname = Ann\n\temail = a@example.com\n')
  mkdirSync(join(place, 'shop'))
  run(
    'git init -q --bare -b main ../origin.git && git init -q -b main && echo Shop > README.md && git add README.md',
  )
  run(
    'git commit -qm Begin && spec-kitty init --ai claude && printf "delivery: pull_request\\n" >> .kittify/config.yaml',
  )
  run('git commit -qam Deliver && git remote add origin ../origin.git && git push -qu origin main')
  run(
    'git remote set-head origin main && git clone -q --bare ../origin.git ../fork.git && git remote add fork ../fork.git',
  )
  const hook =
    'while read _ _ ref; do if [ "$ref" = refs/heads/main ] && [ ! -e may ]; then echo GH006 >&2; exit 1; fi; done'
  writeFileSync(join(place, 'origin.git/hooks/pre-receive'), `#!/bin/sh\n${hook}\n`, { mode: 0o755 })
  run('spec-kitty agent mission create payments')
  const [slug = ''] = run('ls kitty-specs').split('\n')
  const dir = join(place, 'shop/kitty-specs', slug)
  const wp = (id: string, part: string) =>
    `---\nwork_package_id: ${id}\ntitle: ${part}\ndependencies: []\nrequirement_refs: [FR-001]\nexecution_mode: code_change\nowned_files:\n- src/${part}/**\ncreate_intent: []\n---\n\n# ${id}\n`
  writeFileSync(join(dir, 'spec.md'), '# Payments\n\n- **FR-001**: a card is charged once\n')
  run('spec-kitty plan --mission payments || true')
  writeFileSync(
    join(dir, 'plan.md'),
    '# Plan\n\n## Technical Context\n\n**Language/Version**: sh\n**Testing**: sh\n',
  )
  run('spec-kitty plan --mission payments')
  writeFileSync(join(dir, 'tasks.md'), '# Tasks\n\n## WP01 - pay\n\n## WP02 - shelf\n')
  writeFileSync(join(dir, 'tasks/WP01-pay.md'), wp('WP01', 'pay'))
  writeFileSync(join(dir, 'tasks/WP02-shelf.md'), wp('WP02', 'shelf'))
  run('spec-kitty tasks --mission payments')
}

/** Built by ann, approved by rita. */
function build(id: string, path: string, text: string): void {
  const { workspace_path: lane } = json(`spec-kitty start ${id} --agent ann --mission payments`)
  run(
    `mkdir -p "$(dirname "${lane}/${path}")" && echo "${text}" > "${lane}/${path}" && git -C "${lane}" add -- . && git -C "${lane}" commit -qm "${text}"`,
  )
  run(`spec-kitty submit ${id} --agent ann --mission payments`)
  run(`spec-kitty agent action review ${id} --agent rita --mission payments`)
  run(`spec-kitty approve ${id} --agent rita --mission payments`)
}

/** Somebody presses the button. */
function squash(): void {
  run('git clone -q ../origin.git ../forge')
  run('git merge -q --squash "$(git branch -r --list "origin/kitty/pr/*" --format="%(refname)")"', 'forge')
  run('git commit -qm "Payments (#1)" && touch ../origin.git/may && git push -q origin HEAD:main', 'forge')
  run('rm ../origin.git/may', 'forge')
}

it('lands a mission by a pull request, with changes asked for on the way', () => {
  makeShop()
  build('WP01', 'src/pay/cards.txt', 'cards')
  build('WP02', 'src/shelf/shelf.txt', 'shelf')
  const main = run('git rev-parse main')
  const before: Readonly<Record<string, () => void>> = {
    'spec-kitty merge --abort --mission payments': () => run('spec-kitty merge --pr --mission payments'),
    'spec-kitty merge --landed --fetch --mission payments': () => {
      expect(typed('spec-kitty merge --landed --fetch --mission payments').stderr).toContain('not on main')
      squash()
    },
  }
  const after: Readonly<Record<string, () => void>> = {
    'git config remote.pushDefault fork': () =>
      expect(json('spec-kitty merge --pr --dry-run --mission payments')).toMatchObject({
        remote: 'fork',
        updated: false,
        ready: true,
      }),
    'spec-kitty review import ../review.md --mission payments': () => {
      run('git config --unset remote.pushDefault')
      expect(lanes()).toEqual(['planned', 'approved'])
    },
    'spec-kitty reject WP02 --feedback-file ../review.md --agent rita --mission payments': () => {
      expect(lanes()).toEqual(['planned', 'planned'])
      build('WP01', 'src/pay/cards.txt', 'better cards')
      build('WP02', 'src/shelf/shelf.txt', 'better shelf')
      checkInCi()
    },
    'spec-kitty merge --abort --mission payments': () => expect(lanes()).toEqual(['approved', 'approved']),
    'spec-kitty merge --landed --fetch --mission payments': () => {
      expect(lanes()).toEqual(['done', 'done'])
      expect(run('git show origin/main:src/pay/cards.txt origin/main:src/shelf/shelf.txt')).toBe(
        'better cards\nbetter shelf',
      )
    },
  }
  const commands = readCommands('docs/how-to/pull-requests.md')
  // Told last, done while the pull request is open.
  const closed = commands.findIndex(line => line.includes('--abort'))
  const first = commands.indexOf('spec-kitty merge --pr --mission payments')
  const order = [
    ...commands.slice(0, first + 1),
    ...commands.slice(closed),
    ...commands.slice(first + 1, closed),
  ]
  expect(new Set(order).size).toBeGreaterThan(9)
  for (const command of order) {
    before[command]?.()
    run(command)
    after[command]?.()
    expect(run('git status --porcelain'), command).toBe('')
  }
  expect(run('git rev-parse main')).toBe(main)
  expect(lanes()).toEqual(['planned', 'done'])
  expect(json('spec-kitty start WP01 --agent ann --mission payments')).toMatchObject({ wp_id: 'WP01' })
}, 300_000)

/** The workflows of the page, in the checkouts that the forges make for them. */
function checkInCi(): void {
  run('spec-kitty merge --pr --mission payments')
  const [, github = '', gitlab = ''] = readFileSync(join(root, 'docs/how-to/check-in-ci.md'), 'utf8').split(
    '```yaml\n',
  )
  mkdirSync(join(place, 'bin'), { recursive: true })
  writeFileSync(join(place, 'bin/npx'), '#!/bin/sh\nshift 2\nexec spec-kitty "$@"\n')
  chmodSync(join(place, 'bin/npx'), 0o755)
  const pr = run('git for-each-ref --format="%(refname:lstrip=3)" "refs/remotes/origin/kitty/pr/*"')
  run(
    `git clone -q ../origin.git ../made && cd ../made && git merge -q --no-ff -m "Merge" origin/${pr} && git push -q origin HEAD:refs/pull/1/merge`,
  )
  const depth = Number(/fetch-depth: (\d+)/.exec(github)?.[1])
  const fetched = (ref: string, dir: string, deep: number) =>
    run(
      `git init -q ../${dir} && cd ../${dir} && git remote add origin file://${place}/origin.git && git fetch -q --depth=${deep} origin ${ref} && git checkout -q --detach FETCH_HEAD`,
    )
  fetched('refs/pull/1/merge', 'job1', depth)
  const line = /- run: (npx .*)/.exec(github)?.[1] ?? ''
  const shown = typed(line, 'job1', {
    GITHUB_STEP_SUMMARY: join(place, 'summary.md'),
    GITHUB_BASE_REF: 'main',
    GITHUB_HEAD_REF: pr,
  })
  expect(shown.status, shown.stdout + shown.stderr).toBe(0)
  expect(readFileSync(join(place, 'summary.md'), 'utf8')).toBe(shown.stdout)
  expect(shown.stdout).toMatch(/^### payments-\w+: 100 %\n[\s\S]*\| WP02 \|[\s\S]*✅ Consistent\.\n$/)
  fetched(`refs/heads/${pr}`, 'job2', 20)
  const told = typed(
    [...gitlab.matchAll(/^ {4}- ((?:git|npx) .*)/gm)].map(([, step]) => step).join('\n'),
    'job2',
    {
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    },
  )
  expect(told.status, told.stdout + told.stderr).toBe(0)
  expect(told.stdout).toBe(shown.stdout)
  run(
    'echo "<<<<<<< ours" >> kitty-specs/*/status.events.jsonl && git add -- . && git commit -qm spoiled',
    'job1',
  )
  expect(typed(line, 'job1', { GITHUB_STEP_SUMMARY: '/dev/null', GITHUB_BASE_REF: '' }).status).toBe(1)
}
