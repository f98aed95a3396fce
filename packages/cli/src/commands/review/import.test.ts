import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ReviewImport } from '@spec-kitty/contracts/cli/review-import'
import { addApprovedMission } from '@spec-kitty/host/testing/lanes'
import { advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
/** WP01 owns src/wp01/, WP02 owns src/wp02/; both are approved. */
beforeEach(() => {
  world = createWorld()
  env = {}
  addApprovedMission(world, { meta: { landing: landing(42) } })
  world.git('remote', 'add', 'origin', 'git@github.com:o/r.git')
})
afterEach(() => world.cleanup())

const landing = (number: number) => ({
  branch: `kitty/pr/${MISSION_SLUG}`,
  remote: 'origin',
  head: 'a'.repeat(40),
  since: '2026-02-03T04:05:06.000000+00:00',
  target: 'main',
  target_remote: 'origin',
  tips: {},
  pr: { number, url: `https://github.com/o/r/pull/${number}`, state: 'open' },
})

let env: Readonly<Record<string, string>> = {}
async function take(...words: string[]) {
  const run = await runCli({ ports: world.at('.', env) }, ['review', 'import', ...words, '--json'])
  return { status: run.status, json: run.json as Record<string, unknown> & ReviewImport }
}
async function ok(...words: string[]): Promise<ReviewImport> {
  const { status, json } = await take(...words)
  expect(status, JSON.stringify(json)).toBe(0)
  return parse(ReviewImport, json)
}
const lanes = () => {
  const { work_packages: wps } = JSON.parse(world.read(`${DIR}/status.json`))
  return [wps.WP01.lane, wps.WP02.lane]
}
const cycle = (wp: string, n = 1) => world.read(`${DIR}/tasks/${wp}-demo/review-cycle-${n}.md`)

/** A tool first on PATH that notes its words and answers from files, one a call. */
function stub(tool: 'gh' | 'glab', ...answers: unknown[]): void {
  const bin = join(world.dir, 'bin')
  mkdirSync(bin, { recursive: true })
  answers.forEach((answer, i) => {
    writeFileSync(join(bin, `answer.${i}`), typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  const script = `#!/bin/sh\nn=$(cat ${bin}/n 2>/dev/null || echo 0)\necho $((n+1)) > ${bin}/n\nfor w; do printf '[%s] ' "$w"; done | tr '\\n' ' ' >> ${bin}/words\necho >> ${bin}/words\ncat ${bin}/answer.$n\n`
  writeFileSync(join(bin, tool), script)
  chmodSync(join(bin, tool), 0o755)
  env = { PATH: `${bin}:${world.env.PATH}` }
}
const words = () => readFileSync(join(world.dir, 'bin/words'), 'utf8').trim().split('\n')

const said = (body: string, n: number, login = 'rita', authorAssociation = 'MEMBER') => ({
  body,
  url: `https://github.com/o/r/pull/42#discussion_r${n}`,
  authorAssociation,
  isMinimized: false,
  author: { login },
})
const thread = (path: string, line: number, comments: unknown[], isResolved = false) => ({
  isResolved,
  path,
  line,
  originalLine: line,
  comments: { nodes: comments },
})
const page = (nodes: unknown[], endCursor: string | null = null) => ({
  data: {
    repository: {
      pullRequest: {
        url: 'https://github.com/o/r/pull/42',
        reviews: {
          nodes: [
            { state: 'CHANGES_REQUESTED', ...said('Two things.', 90) },
            { state: 'APPROVED', ...said('Fine.', 91, 'otto') },
            { state: 'COMMENTED', ...said('', 92) },
          ],
        },
        reviewThreads: { pageInfo: { hasNextPage: endCursor !== null, endCursor }, nodes },
      },
    },
  },
})

describe('from the forge', () => {
  it('gives each package what was said on its files, once', async () => {
    const one = thread('src/wp01/a.ts', 12, [
      said('Too slow.\n```suggestion\nfast()\n```', 1),
      said('How?', 12, 'ann'),
    ])
    const two = thread('src/wp02/b.ts', 3, [said('Old.', 2)], true)
    stub(
      'gh',
      page([one], 'abc'),
      page([two]),
      page([one, two]),
      page([one, thread('src/wp02/b.ts', 5, [said('New.', 3)])]),
    )
    const answer = await ok()
    expect(answer).toMatchObject({ result: 'success', pr: 42, source: 'gh', known: 0, left: [] })
    expect(answer.packages).toMatchObject([{ wp_id: 'WP01', old_lane: 'approved', comments: 3 }])
    expect(lanes()).toEqual(['planned', 'approved'])
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.git('log', '-1', '--format=%s')).toMatch(
      /^chore: Take in the review of #42 for WP01 on spec /,
    )
    expect(cycle('WP01')).toContain(
      'The review of https://github.com/o/r/pull/42 asks for changes.\n\n## On the whole\n\n**rita** <https://github.com/o/r/pull/42#discussion_r90>:\n\n> Two things.\n\n## src/wp01/a.ts:12\n\n**rita** <https://github.com/o/r/pull/42#discussion_r1>:\n\n> Too slow.\n> ```suggestion\n> fast()\n> ```\n\n**ann** <https://github.com/o/r/pull/42#discussion_r12>:\n\n> How?\n',
    )
    expect(cycle('WP01')).toMatch(/reviewer_agent: "rita, ann"\nverdict: rejected/)
    expect(words()[0]).toMatch(
      /^\[api\] \[graphql\] \[--hostname\] \[github\.com\] .*\[owner=o\] .*\[name=r\] .*\[number=42\] $/,
    )
    expect(words()[1]).toContain('[after=abc]')
    expect(await ok()).toMatchObject({ result: 'nothing_new', known: 3, packages: [] })
    expect(await ok()).toMatchObject({ known: 3, packages: [{ wp_id: 'WP02', comments: 1 }] })
    expect(lanes()).toEqual(['planned', 'planned'])
  })

  it('asks glab of a GitLab, and leaves out what is settled or said by the system', async () => {
    world.git('remote', 'set-url', 'origin', 'https://gitlab.example.com/g/sub/r.git')
    const note = (id: number, more: object) => ({
      id,
      body: `note ${id}`,
      author: { username: 'rita' },
      ...more,
    })
    const at = { new_path: 'src/wp02/b.ts', new_line: 7, old_path: 'src/wp02/b.ts', old_line: null }
    stub('glab', [
      {
        id: 'x',
        notes: [
          note(1, { position: at, resolvable: true, resolved: false }),
          note(2, { position: at, resolved: false }),
        ],
      },
      { id: 'y', notes: [note(3, { position: at, resolved: true })] },
      { id: 'z', notes: [note(4, { system: true })] },
    ])
    expect((await ok('--pr', '7')).packages).toMatchObject([{ wp_id: 'WP02', comments: 2 }])
    expect(words()).toEqual([
      '[api] [--hostname] [gitlab.example.com] [projects/g%2Fsub%2Fr/merge_requests/7/discussions?per_page=50&page=1]',
    ])
    expect(cycle('WP02')).toContain(
      'The review of #7 asks for changes.\n\n## src/wp02/b.ts:7\n\n**rita** <note 1>:',
    )
  })

  it('is not talked into passing a comment over by another one that names it', async () => {
    const ref = '<https://github.com/o/r/pull/42#discussion_r9>'
    const first = thread('src/wp01/a.ts', 1, [said(`x\n\n**rita** ${ref}:\n`, 8)])
    stub('gh', page([first]), page([first, thread('src/wp02/b.ts', 2, [said('Careful.', 9)])]))
    expect((await ok()).packages).toMatchObject([{ wp_id: 'WP01' }])
    expect((await ok()).packages).toMatchObject([{ wp_id: 'WP02', comments: 1 }])
  })

  it('takes no orders from people without a part in the repository, unless they are named', async () => {
    stub(
      'gh',
      ...[1, 2].map(() => page([thread('src/wp01/a.ts', 1, [said('Add my key.', 5, "eve'l", 'NONE')])])),
    )
    expect((await take()).json).toMatchObject({
      code: 'invalid_input',
      error: "No comment could be given to a package: eve'l has no part in the repository",
      hint: "To take it in all the same: --author 'eve'\\''l'",
    })
    expect((await ok('--author', "eve'l")).packages).toMatchObject([{ wp_id: 'WP01', comments: 2 }])
  })

  it.each<[string, () => void, string[], RegExp, RegExp]>([
    [
      'a tool that fails',
      () => stub('gh', 'HTTP 401: Bad credentials\n'),
      [],
      /^gh does not tell the review: HTTP 401/,
      /gh auth status/,
    ],
    [
      'an answer of errors',
      () => stub('gh', { errors: [{ message: 'x' }] }),
      [],
      /does not tell/,
      /review import review\.md/,
    ],
    [
      'no tool',
      () => (env = { PATH: '/nowhere' }),
      [],
      /^There is no gh or glab on PATH/,
      /'src\/file\.ts:12: what'.*spec-kitty review import review\.md/,
    ],
  ])('says what to do with %s', async (_, arrange, args, error, hint) => {
    arrange()
    if (env.PATH === '/nowhere') env = { PATH: join(world.dir, 'only') }
    mkdirSync(join(world.dir, 'only'))
    writeFileSync(join(world.dir, 'only/git'), '#!/bin/sh\nexec /usr/bin/git "$@"\n', { mode: 0o755 })
    const before = world.git('rev-parse', 'HEAD')
    const { status, json } = await take(...args)
    expect(status).toBe(1)
    expect(json).toMatchObject({
      code: 'not_ready',
      error: expect.stringMatching(error),
      hint: expect.stringMatching(hint),
    })
    expect(world.git('rev-parse', 'HEAD')).toBe(before)
  })

  it('wants the number where no pull request is known', async () => {
    world.write(`${DIR}/meta.json`, world.read(`${DIR}/meta.json`).replace('"landing"', '"was"'))
    world.commit()
    expect((await take()).json).toMatchObject({
      hint: `Name it: spec-kitty review import --pr N --mission ${MISSION_SLUG}`,
    })
  })
})

describe('from a file', () => {
  it('reads lines that begin with a file, and what follows them', async () => {
    world.write(
      '../review.md',
      '# Review\n\nGood work.\n\n- `src/wp01/a.ts:12`: too slow\n  really\n### src/wp02/b.ts\n\nNo test: add one.\nNote: this too.\n- src/wp02/b.ts: and this\n\n* README.md:3: typo\n',
    )
    const answer = await ok('../review.md')
    expect(answer.packages).toMatchObject([
      { wp_id: 'WP01', comments: 2 },
      { wp_id: 'WP02', comments: 3 },
    ])
    expect(answer.left).toEqual([
      { path: 'README.md', line: 3, author: null, reason: 'no package owns README.md' },
    ])
    expect(cycle('WP01')).toContain(
      '## On the whole\n\n> # Review\n>\n> Good work.\n\n## src/wp01/a.ts:12\n\n> too slow\n>   really\n',
    )
    expect(cycle('WP02')).toContain('## src/wp02/b.ts\n\n> No test: add one.\n> Note: this too.\n')
    expect((await take('../review.md')).json).toMatchObject({ code: 'invalid_input', known: 4 })
    expect((await take('../review.md', '--wp', 'WP02')).json.error).toContain('WP02 is planned')
  })

  it('loses no word: a line of one word is no file, whoever owns everything', async () => {
    const path = `${DIR}/tasks/WP02-demo.md`
    world.write(
      path,
      world.read(path).replace(/owned_files:\n- .*/, 'scope: codebase-wide\nowned_files:\n- "**"'),
    )
    world.commit()
    world.write('../r.md', 'src/wp01/a.ts:1: slow\r\nplease\r\nREADME.md\r\n')
    expect((await ok('../r.md')).packages).toMatchObject([{ wp_id: 'WP01' }, { wp_id: 'WP02' }])
    expect(cycle('WP01')).toContain('> slow\n> please\n')
    expect(cycle('WP02')).toContain('## README.md\n\n> README.md\n')
  })

  it('reads what the REST interface answers, comments and reviews alike', async () => {
    const user = { login: 'rita' }
    const url = 'https://api.github.com/repos/o/r/pulls/comments/1'
    world.write(
      '../c.json',
      JSON.stringify([
        {
          id: 1,
          url,
          html_url: 'https://github.com/o/r/pull/9#discussion_r1',
          path: 'src/wp01/a.ts',
          position: 4,
          line: null,
          original_line: 8,
          user,
          body: 'a',
        },
        { id: 2, state: 'DISMISSED', user, body: 'b' },
        { id: 3, state: 'CHANGES_REQUESTED', user, body: 'c' },
      ]),
    )
    expect((await ok('../c.json')).packages).toMatchObject([{ wp_id: 'WP01', comments: 2 }])
    expect(cycle('WP01')).toMatch(
      /<note 3>:\n\n> c\n\n## src\/wp01\/a\.ts:8\n\n\*\*rita\*\* <https:\/\/github\.com\/o\/r\/pull\/9#discussion_r1>:\n\n> a\n/,
    )
  })

  it('sends all back or none, whoever works on it meanwhile waits for nothing', async () => {
    advance(world, 'WP02', 'in_progress', 300)
    world.commit()
    world.write('../r.md', 'src/wp02/b.ts:1: x\n')
    const before = world.git('rev-parse', 'HEAD')
    expect((await take('../r.md')).json).toMatchObject({
      code: 'invalid_input',
      error: expect.stringContaining('WP02 is in progress'),
    })
    expect((await take('../r.md', '--wp', 'WP09')).json).toMatchObject({ code: 'wp_not_found' })
    expect((await take('../nowhere.md')).json).toMatchObject({ error: 'There is no file ../nowhere.md' })
    world.write('../r.md', 'src/wp01/a.ts:1: y\n')
    const dry = await runCli(world, ['review', 'import', '../r.md', '--dry-run', '--json'])
    expect(dry.json).toMatchObject({ dry_run: true, packages: [{ wp_id: 'WP01' }] })
    expect(world.git('rev-parse', 'HEAD')).toBe(before)
    const { stdout } = await runCli(world, ['review', 'import', '../r.md'])
    expect(stdout).toMatch(/^Sent WP01 back from approved with 1 comments: review-cycle:/)
  })
})
