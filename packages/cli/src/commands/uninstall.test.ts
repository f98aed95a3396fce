import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Uninstall } from '@spec-kitty/contracts/cli/uninstall'
import { AGENTS } from '@spec-kitty/core/project/agents'
import { addMission } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let w: World
beforeEach(() => {
  w = createWorld()
})
afterEach(() => w.cleanup())

/** Every file of the checkout with its bytes, and every directory. */
function tree(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(w.root, { recursive: true, withFileTypes: true })
      .map(entry => [join(entry.parentPath, entry.name), entry] as const)
      .filter(([path]) => !`${path}/`.includes('/.git/'))
      .map(([path, entry]) => [path, entry.isDirectory() ? '' : readFileSync(path, 'base64')]),
  )
}

const USERS: Record<string, Record<string, string>> = {
  nothing: { 'code.ts': 'x\n' },
  'files with last line feeds': {
    '.gitignore': 'node_modules/\n',
    '.gitattributes': '*.png binary\n',
    '.claude/CLAUDE.md': '# Mine\n',
    'AGENTS.md': '# Mine\n\n',
  },
  'files without': {
    '.gitignore': 'node_modules/',
    '.gitattributes': '',
    '.claude/CLAUDE.md': '# Mine',
    'GEMINI.md': 'a\r\nb\r\n',
    '.claude/commands/own.md': 'mine',
  },
}

it.each(Object.keys(USERS))('leaves the tree as it was before init, byte for byte: %s', async kind => {
  for (const [path, text] of Object.entries(USERS[kind] ?? {})) w.write(path, text)
  w.commit()
  const before = tree()
  const config = w.read('.git/config')
  await runCli(w, ['init', '--ai', AGENTS.map(agent => agent.key).join(',')])
  expect(tree()).not.toEqual(before)
  const answer = await runCli(w, ['uninstall', '--json'])
  expect(answer).toMatchObject({ status: 0, stderr: '' })
  expect(v.parse(Uninstall, answer.json)).toMatchObject({
    kept: [],
    committed: true,
    merge_driver_removed: true,
  })
  expect(tree()).toEqual(before)
  expect(w.read('.git/config')).toBe(config)
  expect(w.git('status', '--porcelain')).toBe('')
})

it('does the same where nothing was committed', async () => {
  w.write('code.ts', 'x\n')
  w.commit()
  const before = tree()
  await runCli(w, ['init', '--ai', 'claude,codex', '--no-commit'])
  expect(await runCli(w, ['uninstall', '--no-auto-commit'])).toMatchObject({ status: 0 })
  expect(tree()).toEqual(before)
  await runCli(w, ['init', '--ai', 'claude,codex', '--no-commit'])
  expect(await runCli(w, ['uninstall'])).toMatchObject({ status: 0 })
  expect(tree()).toEqual(before)
})

it('keeps and names what somebody changed, and says what else stays', async () => {
  await runCli(w, ['init', '--ai', 'claude'])
  w.write('.claude/commands/spec-kitty.plan.md', 'my own words\n')
  w.write('.claude/CLAUDE.md', w.read('.claude/CLAUDE.md').replace('Where things stand', 'Where we are'))
  w.write('.gitignore', `${w.read('.gitignore')}mine/\n`)
  w.write('.kittify/memory/mine.md', 'mine')
  addMission(w)
  w.commit()
  const answer = await runCli(w, ['uninstall', '--json'])
  expect(answer.json).toMatchObject({
    kept: ['.claude/CLAUDE.md', '.claude/commands/spec-kitty.plan.md'],
    cleaned: ['.gitignore'],
    notes: [
      'Your missions stay in kitty-specs (1).',
      'Not written by init, so left alone: .kittify/memory/mine.md',
    ],
  })
  expect(w.read('.gitignore')).toBe('mine/\n')
  expect(w.read('.claude/commands/spec-kitty.plan.md')).toBe('my own words\n')
  expect(w.exists('.kittify/config.yaml')).toBe(false)
  expect(w.git('status', '--porcelain')).toBe('')
})

it('takes its lines out one by one where somebody wrote between them', async () => {
  await runCli(w, ['init', '--ai', 'claude'])
  w.write('.gitignore', w.read('.gitignore').replace('.kittify/derived/\n', 'between/\n'))
  await runCli(w, ['uninstall'])
  expect(w.read('.gitignore')).toBe('between/\n')
})

it('lists everything and changes nothing with --dry-run', async () => {
  await runCli(w, ['init', '--ai', 'claude'])
  const before = tree()
  const answer = await runCli(w, ['uninstall', '--dry-run'])
  expect(answer.stdout).toContain('would be removed')
  expect(answer.stdout).toContain('  delete .kittify/manifest.json')
  expect(tree()).toEqual(before)
})

it('refuses where nothing was set up, and while lanes are being worked on', async () => {
  expect(await runCli(w, ['uninstall', '--json'])).toMatchObject({ status: 1, json: { code: 'no_project' } })
  await runCli(w, ['init', '--ai', 'claude'])
  mkdirSync(join(w.root, '.worktrees/x-lane-a'), { recursive: true })
  expect(await runCli(w, ['uninstall', '--json'])).toMatchObject({
    status: 1,
    json: { code: 'not_ready', worktrees: ['x-lane-a'] },
  })
})

it('touches nothing outside the project, whatever the manifest says', async () => {
  await runCli(w, ['init', '--ai', 'q'])
  w.write(join(w.dir, 'outside'), '')
  const manifest = JSON.parse(w.read('.kittify/manifest.json'))
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  manifest.files.push({ path: '../outside', agents: [], part: 'file', sha256: empty })
  w.write('.kittify/manifest.json', JSON.stringify(manifest))
  await runCli(w, ['uninstall'])
  expect(w.exists(join(w.dir, 'outside'))).toBe(true)
})

it('tells a person what went and what stayed', async () => {
  await runCli(w, ['init', '--ai', 'claude'])
  w.write('.claude/commands/spec-kitty.plan.md', 'my own words\n')
  addMission(w)
  w.commit()
  const { stdout } = await runCli(w, ['uninstall'])
  expect(stdout).toContain('committed as "Remove Spec Kitty"')
  expect(stdout).toContain('Kept, because somebody changed it: .claude/commands/spec-kitty.plan.md')
  expect(stdout).toContain('Your missions stay in kitty-specs (1).')
})

it('refuses on a protected branch before it touches anything', async () => {
  await runCli(w, ['init', '--ai', 'claude'])
  w.write('.kittify/config.yaml', `${w.read('.kittify/config.yaml')}protected_branches:\n- main\n`)
  w.commit()
  const before = tree()
  expect(await runCli(w, ['uninstall', '--json'])).toMatchObject({
    status: 1,
    json: { code: 'protected_branch' },
  })
  expect(tree()).toEqual(before)
})
