/** The forge beside a landing: its tool where one is on PATH, its page where none is, forks, and what the request says. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { BRANCH, SLUG, useLandings } from '../testing/landing-world.ts'

const landings = useLandings()
const { world, sk } = landings

let env: Record<string, string>
/** A PATH with git and no tool of a forge. */
beforeEach(() => {
  const bin = join(world.dir, 'tools')
  mkdirSync(bin)
  for (const name of ['git', 'sh', 'head', 'cat']) {
    const file = String(world.env.PATH)
      .split(':')
      .find(folder => existsSync(join(folder, name)))
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${file}/${name} "$@"\n`, { mode: 0o755 })
  }
  env = { PATH: bin }
})

/** What the remote is called, while git goes to a directory. */
function named(remote: string, url: string, directory: string): void {
  world.git('config', `remote.${remote}.url`, url)
  world.git('config', `url.${directory}.insteadOf`, url)
}

/** A tool that notes its words, one line a call; the request is open once it was made. */
function tool(name: 'gh' | 'glab', url: string): () => string[][] {
  const log = join(world.dir, `${name}.log`)
  const number = Number(/\d+$/.exec(url)?.[0])
  const view = name === 'gh' ? { number, url, state: 'OPEN' } : { iid: number, web_url: url, state: 'opened' }
  const body = `for w; do printf '%s\\037' "$w" >> ${log}; done; printf '\\036' >> ${log}
case "$2" in
create) echo "Creating it"; : > ${log}.open; echo ${url};;
view) [ -e ${log}.open ] && echo '${JSON.stringify(view)}' || { echo "no pull requests found" >&2; exit 1; };;
esac`
  writeFileSync(join(world.dir, 'tools', name), `#!/bin/sh\n${body}\n`)
  chmodSync(join(world.dir, 'tools', name), 0o755)
  return () =>
    existsSync(log)
      ? readFileSync(log, 'utf8')
          .split('\x1e')
          .slice(0, -1)
          .map(call => call.split('\x1f').slice(0, -1))
      : []
}

const land = async (...words: string[]) => {
  const run = await sk(['merge', '--pr', '--mission', SLUG, ...words], { env })
  expect(run.status, JSON.stringify(run.json) + run.stderr).toBe(0)
  return run.json
}
/** The value of an option in a call. */
const after = (call: readonly string[] | undefined, option: string) => call?.[call.indexOf(option) + 1]

describe('with a tool of the forge', () => {
  test.each([
    [
      'gh',
      'git@github.com:o/r.git',
      'https://github.com/o/r/pull/42',
      ['--head', '--base', '--title', '--body', '--repo'],
      'github.com/o/r',
    ],
    [
      'glab',
      'https://gitlab.example.com/g/s/r.git',
      'https://gitlab.example.com/g/s/r/-/merge_requests/42',
      ['--source-branch', '--target-branch', '--title', '--description', '--repo'],
      'https://gitlab.example.com/g/s/r',
    ],
  ] as const)(
    '%s opens one request, and it is updated from then on',
    async (name, url, page, options, repo) => {
      named('origin', url, landings.forge.bare)
      const calls = tool(name, page)
      const pr = { number: 42, url: page, state: 'open' }
      const answer = await land('--draft')
      expect(answer).toMatchObject({ opened_by: name, pr, updated: false, warnings: [] })
      const [create] = calls()
      expect(options.map(option => after(create, option))).toEqual([
        BRANCH,
        'main',
        answer.title,
        answer.body,
        repo,
      ])
      expect(create).toContain('--draft')
      expect(await land()).toMatchObject({ updated: true, pr: { number: 42, url: page } })
      expect(calls().map(call => call[1])).toEqual(['create', 'view'])
      expect(await landings.board()).toMatchObject({ landing: { pr: { number: 42, url: page } } })
    },
  )

  test('one that does not work is a warning; the address is there all the same', async () => {
    named('origin', 'git@github.com:o/r.git', landings.forge.bare)
    writeFileSync(
      join(world.dir, 'tools/gh'),
      '#!/bin/sh\necho "To get started, run: gh auth login" >&2\nexit 4\n',
      { mode: 0o755 },
    )
    expect(await land()).toMatchObject({
      pr: null,
      opened_by: null,
      compare_url: `https://github.com/o/r/compare/main...${BRANCH}?expand=1`,
      warnings: ['gh opened no pull request: To get started, run: gh auth login'],
    })
  })

  test('a tool of another forge is left alone', async () => {
    named('origin', 'git@bitbucket.org:o/r.git', landings.forge.bare)
    const calls = [
      tool('gh', 'https://github.com/o/r/pull/1'),
      tool('glab', 'https://gitlab.com/o/r/-/merge_requests/1'),
    ]
    expect(await land()).toMatchObject({
      pr: null,
      opened_by: null,
      compare_url: expect.stringContaining('bitbucket.org/o/r/pull-requests/new'),
    })
    expect(calls.map(one => one())).toEqual([[], []])
  })
})

test('without a tool: address, title and body in a file that is named', async () => {
  named('origin', 'https://gitea.example.com/o/r.git', landings.forge.bare)
  const answer = await land()
  expect(answer).toMatchObject({
    pr: null,
    compare_url: `https://gitea.example.com/o/r/compare/main...${BRANCH}?expand=1`,
  })
  expect(readFileSync(String(answer.body_file), 'utf8')).toBe(`${answer.body}\n`)
  world.git('config', '--unset', `url.${landings.forge.bare}.insteadOf`)
  world.git('config', 'remote.origin.url', landings.forge.bare)
  expect(await land()).toMatchObject({ compare_url: null })
})

describe('from a fork', () => {
  beforeEach(() => {
    world.git('clone', '-q', '--bare', landings.forge.bare, join(world.dir, 'fork.git'))
    world.git('remote', 'rename', 'origin', 'upstream')
    world.git('remote', 'add', 'fork', join(world.dir, 'fork.git'))
    named('upstream', 'git@github.com:up/r.git', landings.forge.bare)
    named('fork', 'git@github.com:me/r.git', join(world.dir, 'fork.git'))
    world.git('config', 'branch.main.remote', 'upstream')
    world.git('config', 'branch.main.merge', 'refs/heads/main')
  })

  test.each([
    ['remote.pushDefault', []],
    ['branch.main.pushRemote', ['--remote', 'upstream']],
  ] as const)(
    '%s names where the branch goes; the request goes to what the target follows',
    async (key, words) => {
      world.git('config', key, 'fork')
      const calls = tool('gh', 'https://github.com/up/r/pull/9')
      expect(await land(...words)).toMatchObject({
        remote: 'fork',
        compare_url: `https://github.com/up/r/compare/main...me:${BRANCH}?expand=1`,
        pr: { number: 9 },
      })
      expect([after(calls()[0], '--head'), after(calls()[0], '--repo')]).toEqual([
        `me:${BRANCH}`,
        'github.com/up/r',
      ])
      expect(world.gitAt('../fork.git', 'branch', '--list', 'kitty/*')).toContain(BRANCH)
      expect(world.gitAt(landings.forge.bare, 'branch', '--list', 'kitty/pr/*')).toBe('')
      // Settled by what arrives upstream.
      world.gitAt(
        landings.forge.bare,
        'fetch',
        '-q',
        join(world.dir, 'fork.git'),
        `${BRANCH}:refs/heads/main`,
      )
      expect(
        (await landings.sk(['merge', '--landed', '--fetch', '--mission', SLUG], { env })).json,
      ).toMatchObject({ result: 'landed' })
    },
  )

  test('glab is told the fork as well', async () => {
    named('upstream', 'git@gitlab.com:up/r.git', landings.forge.bare)
    named('fork', 'git@gitlab.com:me/r.git', join(world.dir, 'fork.git'))
    world.git('config', 'remote.pushDefault', 'fork')
    const calls = tool('glab', 'https://gitlab.com/up/r/-/merge_requests/9')
    expect(await land()).toMatchObject({ pr: { number: 9 } })
    expect([after(calls()[0], '--head'), after(calls()[0], '--repo')]).toEqual([
      'me/r',
      'https://gitlab.com/up/r',
    ])
  })
})

describe('what the request says', () => {
  const edit = (path: string, from: string, to: string) =>
    world.write(`kitty-specs/${SLUG}/${path}`, world.read(`kitty-specs/${SLUG}/${path}`).replace(from, to))

  test('names the authors of the lanes once each, and the issues that it closes', async () => {
    const lane = `.worktrees/${SLUG}-lane-a`
    for (const [author, text] of [
      ['Rita <rita@example.com>', '1'],
      ['Otto <otto@example.com>', '2'],
      ['Rita <rita@example.com>', '3'],
    ] as const) {
      world.write(`${lane}/src/a/a.txt`, text)
      world.gitAt(lane, 'commit', '-qam', 'more', '--author', author)
    }
    world.write(
      '.kittify/config.yaml',
      `${world.read('.kittify/config.yaml')}review:\n  stale_approvals: warn\n`,
    )
    edit('meta.json', '"Demo feature"', '"Demo feature (#12)"')
    edit('tasks/WP01-demo.md', 'history: []', 'history: []\ntracker_refs: ["o/r#3", "JIRA-4"]')
    world.commit('words')
    const { body, head } = (await land()) as { body: string; head: string }
    const message = world.git('log', '-1', '--format=%B', head)
    for (const text of [body, message])
      expect(text.match(/^Co-authored-by: .*$/gm)).toEqual([
        'Co-authored-by: Rita <rita@example.com>',
        'Co-authored-by: Otto <otto@example.com>',
      ])
    expect(body.match(/^Closes .*$/gm)).toEqual(['Closes o/r#3', 'Closes #12'])
  })

  test('closes what the matrix of the mission calls fixed, and nothing that it defers', async () => {
    edit('meta.json', '"Demo feature"', '"Demo feature (#12)"')
    world.write(
      `kitty-specs/${SLUG}/issue-matrix.md`,
      '| Issue | Verdict | Evidence |\n|---|---|---|\n| #12 | deferred-with-followup | x |\n| #14 | fixed | y |\n',
    )
    world.commit('words')
    expect(String((await land('--dry-run')).body).match(/^Closes .*$/gm)).toEqual(['Closes #14'])
  })

  test('a body that is too long for a word is given as a file', async () => {
    named('origin', 'git@github.com:o/r.git', landings.forge.bare)
    edit('meta.json', '"ctx"', JSON.stringify('語'.repeat(40_000)))
    world.commit('words')
    const calls = tool('gh', 'https://github.com/o/r/pull/42')
    const { body_file: file } = await land()
    expect(after(calls()[0], '--body-file')).toBe(file)
  })
})
