import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import {
  AgentConfigChange,
  AgentConfigList,
  AgentConfigSet,
  AgentConfigStatus,
} from '@spec-kitty/contracts/cli/agent-config'
import { AGENTS } from '@spec-kitty/core/project/agents'
import { hashOf } from '@spec-kitty/core/project/manifest'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const worlds: World[] = []
afterEach(() => {
  for (const made of worlds.splice(0)) made.cleanup()
})

async function project(agents = 'claude', prepare: (w: World) => void = () => {}): Promise<World> {
  const w = createWorld()
  worlds.push(w)
  prepare(w)
  expect(await runCli(w, ['init', '--ai', agents])).toMatchObject({ status: 0 })
  return w
}

/** Everything in the working tree: files with their text, and directories. */
function tree(w: World): Record<string, string> {
  const entries = readdirSync(w.root, { recursive: true, withFileTypes: true })
  const found: Record<string, string> = {}
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(w.root, path)
    if (name === '.git' || name.startsWith('.git/')) continue
    found[name] = entry.isDirectory()
      ? '(directory)'
      : entry.isSymbolicLink()
        ? '(link)'
        : readFileSync(path, 'utf8')
  }
  return found
}

const config = (w: World, ...words: string[]) => runCli(w, ['agent', 'config', ...words])

describe('agent config', () => {
  it.each(AGENTS.map(({ key }) => [key]))('remove takes back exactly what add wrote for %s', async key => {
    const w = await project(key === 'claude' ? 'q' : 'claude', made => {
      made.write('AGENTS.md', '# Ours, without a final newline')
      made.write('GEMINI.md', 'one line\n')
      made.write('.github/copilot-instructions.md', 'ends with an empty line\n\n')
    })
    const before = tree(w)
    const added = await config(w, 'add', key, '--json')
    expect(v.parse(v.strictObject(AgentConfigChange.entries), added.json)).toMatchObject({ added: [key] })
    expect(tree(w)).not.toEqual(before)
    expect(w.git('status', '--porcelain', '--untracked-files=no')).toBe('')
    const removed = await config(w, 'remove', key, '--json')
    expect(v.parse(v.strictObject(AgentConfigChange.entries), removed.json)).toMatchObject({ removed: [key] })
    expect(tree(w)).toEqual(before)
    expect(readdirSync(w.home)).toEqual([])
  })

  it.each(AGENTS.map(({ key }) => [key]))('add writes for %s the files that init writes', async key => {
    const asked = key === 'claude' ? 'q' : 'claude'
    const first = await project(`${asked},${key}`)
    const second = await project(asked)
    await config(second, 'add', key)
    expect(new Set(Object.keys(tree(second)))).toEqual(new Set(Object.keys(tree(first))))
    const files = (w: World) => JSON.parse(w.read('.kittify/manifest.json')).files
    expect(files(second)).toEqual(files(first))
  })

  it('lists, adds in order, and makes one commit of its files', async () => {
    const w = await project('claude,codex')
    const listed = await config(w, 'list', '--json')
    expect(v.parse(v.strictObject(AgentConfigList.entries), listed.json)).toMatchObject({
      agents: [{ agent: 'claude' }, { agent: 'codex' }],
      auto_commit: true,
    })
    const added = await config(w, 'add', 'gemini', 'cursor', 'claude')
    expect(added.stdout).toContain('Already configured: claude')
    expect(w.read('.kittify/config.yaml')).toContain(
      '  - claude\n  - codex\n  - gemini\n  - cursor\n  auto_commit: true\n',
    )
    expect(w.git('status', '--porcelain')).toBe('')
    expect(w.git('log', '-1', '--format=%s')).toBe('Add gemini, cursor to Spec Kitty')
    const again = await config(w, 'add', 'gemini')
    expect(again).toMatchObject({ status: 0, stdout: 'Already configured: gemini\n' })
    expect((await config(w, 'list')).stdout).toContain('Auto-commit: enabled')
  })

  it.each([
    ['add', 'bogus'],
    ['remove', 'bogus'],
  ])('%s refuses an unknown agent and writes nothing', async (verb, key) => {
    const w = await project()
    const before = tree(w)
    const answer = await config(w, verb, 'gemini', key, '--json')
    expect(answer).toMatchObject({ status: 1 })
    expect(answer.json).toMatchObject({
      code: 'invalid_input',
      error: expect.stringContaining('Invalid agent keys: bogus'),
    })
    expect(tree(w)).toEqual(before)
  })

  it('leaves a shared file to the agents that still use it', async () => {
    const w = await project('codex,vibe')
    await config(w, 'remove', 'codex')
    expect(w.exists('.agents/skills/spec-kitty-plan/SKILL.md')).toBe(true)
    expect(w.read('AGENTS.md')).toContain('spec-kitty')
    await config(w, 'remove', 'vibe')
    expect([w.exists('.agents'), w.exists('AGENTS.md')]).toEqual([false, false])
    expect((await config(w, 'list')).stdout).toContain('No agents configured.')
  })

  it('keeps files that the user changed, and says so', async () => {
    const w = await project('claude,gemini')
    w.write('.gemini/commands/spec-kitty.plan.toml', 'mine')
    w.write('GEMINI.md', `# Mine\n\n${w.read('GEMINI.md').replace('## Spec Kitty', '## Our Kitty')}`)
    w.commit('my edits')
    const synced = await config(w, 'sync', '--json')
    expect(synced.json).toMatchObject({
      files: [
        { path: '.gemini/commands/spec-kitty.plan.toml', action: 'kept' },
        { path: 'GEMINI.md', action: 'kept' },
      ],
      committed: false,
    })
    const removed = await config(w, 'remove', 'gemini')
    expect(removed.stdout).toContain(
      'Kept as they are, because somebody wrote or edited them: .gemini/commands/spec-kitty.plan.toml, GEMINI.md',
    )
    expect(w.read('.gemini/commands/spec-kitty.plan.toml')).toBe('mine')
    expect(w.exists('.gemini/commands/spec-kitty.tasks.toml')).toBe(false)
    expect(w.git('status', '--porcelain')).toBe('')
  })

  it('keeps the user’s text around our block', async () => {
    const w = await project('claude')
    w.write('.claude/CLAUDE.md', `# Before\n\n${w.read('.claude/CLAUDE.md')}\n# After\n`)
    await config(w, 'remove', 'claude')
    expect(w.read('.claude/CLAUDE.md')).toBe('# Before\n\n\n# After\n')
    expect(w.exists('.claudeignore')).toBe(false)
  })

  it('reports and mends missing, outdated and orphaned files', async () => {
    const w = await project('claude,gemini')
    const manifest = JSON.parse(w.read('.kittify/manifest.json'))
    const path = '.claude/commands/spec-kitty.plan.md'
    w.write(path, 'of an older version\n')
    manifest.files.find((file: { path: string }) => file.path === path).sha256 =
      hashOf('of an older version\n')
    w.write('.kittify/manifest.json', JSON.stringify(manifest))
    w.git('rm', '-q', '.claude/commands/spec-kitty.tasks.md')
    w.write('.kittify/config.yaml', w.read('.kittify/config.yaml').replace('  - gemini\n', ''))
    const status = await config(w, 'status', '--json')
    const { agents, in_sync } = v.parse(v.strictObject(AgentConfigStatus.entries), status.json)
    expect(agents.find(row => row.agent === 'claude')).toMatchObject({
      status: 'Missing',
      missing: ['.claude/commands/spec-kitty.tasks.md'],
      outdated: [path],
    })
    expect(agents.find(row => row.agent === 'gemini')).toMatchObject({
      status: 'Orphaned',
      configured: false,
    })
    expect(in_sync).toBe(false)
    expect((await config(w, 'sync')).status).toBe(0)
    expect(w.read(path)).not.toContain('of an older')
    expect([w.exists('.claude/commands/spec-kitty.tasks.md'), w.exists('.gemini')]).toEqual([true, false])
    expect((await config(w, 'sync')).stdout).toBe('No changes needed - filesystem matches config\n')
    expect((await config(w, 'status')).stdout).toMatch(/claude +\.claude\/commands\/ +yes +OK\n/)
  })

  it('sync leaves alone what it is told to', async () => {
    const w = await project('claude,gemini')
    w.write('.kittify/config.yaml', w.read('.kittify/config.yaml').replace('  - gemini\n', ''))
    w.git('rm', '-q', '.claude/commands/spec-kitty.tasks.md')
    await config(w, 'sync', '--keep-orphaned', '--no-create-missing')
    expect([w.exists('.claude/commands/spec-kitty.tasks.md'), w.exists('GEMINI.md')]).toEqual([false, true])
  })

  it('replaces the broken links of a project that the Python edition made', async () => {
    const w = createWorld()
    worlds.push(w)
    const plan = '---\nname: spec-kitty.plan\n---\nPython text\n'
    w.write(
      '.kittify/config.yaml',
      'tools:\n  available: [claude, codex]  # ours\n  auto_commit: true\nother: 1\n',
    )
    w.write('.agents/skills/spec-kitty.plan/SKILL.md', plan)
    w.write('.agents/skills/spec-kitty.tasks/SKILL.md', 'edited\n')
    w.write(
      '.kittify/command-skills-manifest.json',
      JSON.stringify({
        schema_version: 1,
        entries: [
          { path: '.agents/skills/spec-kitty.plan/SKILL.md', content_hash: hashOf(plan), agents: ['codex'] },
          {
            path: '.agents/skills/spec-kitty.tasks/SKILL.md',
            content_hash: hashOf('was'),
            agents: ['codex'],
          },
          { path: '../outside', content_hash: hashOf('x'), agents: ['codex'] },
        ],
      }),
    )
    const link = (path: string, target: string) => {
      mkdirSync(dirname(join(w.root, path)), { recursive: true })
      symlinkSync(target, join(w.root, path))
    }
    link('.claude/skills/spk-help/SKILL.md', '/nobody/.claude/skills/spk-help/SKILL.md')
    link('.claude/skills/spk-help/references/more.md', '/nobody/more.md')
    w.write(
      'AGENTS.md',
      '<!-- spec-kitty:orientation -->\nproject: unknown\n<!-- /spec-kitty:orientation -->\n',
    )
    link('.claude/skills/spec-kitty-drive/SKILL.md', '/nobody/SKILL.md')
    link('.claude/skills/my-own/SKILL.md', '/nobody/mine.md')
    link('.claude/skills/spk-works/SKILL.md', join(w.root, '.kittify/config.yaml'))
    link('.claude/skills/spk-directory', join(w.root, '.kittify'))
    w.commit('made by 3.2.0')
    const status = await config(w, 'status', '--json')
    expect(status.json).toMatchObject({
      broken_links: [
        '.claude/skills/spec-kitty-drive/SKILL.md',
        '.claude/skills/spk-help/SKILL.md',
        '.claude/skills/spk-help/references/more.md',
      ],
    })
    const synced = await config(w, 'sync')
    expect(synced.stdout).toContain('Deleted 3 files')
    expect(synced.stdout).toContain('somebody wrote or edited them: .agents/skills/spec-kitty.tasks/SKILL.md')
    expect(lstatSync(join(w.root, '.claude/skills/spec-kitty-drive/SKILL.md')).isFile()).toBe(true)
    expect(w.exists('.claude/skills/spk-help')).toBe(false)
    for (const kept of ['my-own/SKILL.md', 'spk-works/SKILL.md', 'spk-directory'])
      expect(lstatSync(join(w.root, '.claude/skills', kept)).isSymbolicLink()).toBe(true)
    expect(w.exists('.agents/skills/spec-kitty.plan/SKILL.md')).toBe(false)
    expect(w.read('.agents/skills/spec-kitty-plan/SKILL.md')).not.toContain('Python text')
    expect(w.git('status', '--porcelain')).toBe('')
    await config(w, 'remove', 'codex')
    expect(w.exists('AGENTS.md')).toBe(false)
    await config(w, 'add', 'gemini')
    expect(w.read('.kittify/config.yaml')).toMatch(/^tools:[\s\S]*- gemini[\s\S]*\nother: 1\n$/)
  })

  it('sets switches, in their place, without touching the rest', async () => {
    const w = await project()
    w.write(
      '.kittify/config.yaml',
      w.read('.kittify/config.yaml').replace('auto_commit: true', 'auto_commit: true  # team rule'),
    )
    w.commit('comment')
    const answer = await config(w, 'set', 'auto_commit', 'false', '--json')
    expect(v.parse(v.strictObject(AgentConfigSet.entries), answer.json)).toEqual({
      result: 'success',
      key: 'auto_commit',
      value: false,
      changed: true,
      committed: false,
    })
    expect(w.read('.kittify/config.yaml')).toContain('  auto_commit: false  # team rule\n')
    expect((await config(w, 'list')).stdout).toContain('Auto-commit: disabled')
    expect((await config(w, 'set', 'lint_on_edit', 'yes', '--json')).json).toMatchObject({
      value: true,
      changed: true,
    })
    expect(w.read('.kittify/config.yaml')).toMatch(/lint_on_edit: true/)
    expect((await config(w, 'set', 'lint_on_edit', 'on', '--json')).json).toMatchObject({ changed: false })
  })

  it.each([
    [['set', 'foo', 'bar'], /foo.*auto_commit/],
    [['set', 'auto_commit', 'maybe'], /maybe/],
  ])('refuses %j', async (words, message) => {
    const w = await project()
    expect(await config(w, ...words)).toMatchObject({ status: 1, stderr: expect.stringMatching(message) })
  })

  it.each([
    ['agents:\n  available: claude\n', ['claude']],
    ['tools:\n  available:\n  - codex\n', ['codex']],
    ['agents: {available: [gemini]}\nauto_commit: false\n', ['gemini']],
    ['', []],
    [undefined, []],
  ])('reads %j', async (text, agents) => {
    const w = createWorld()
    worlds.push(w)
    if (text !== undefined) w.write('.kittify/config.yaml', text)
    const answer = await config(w, 'list', '--json')
    expect(answer.status).toBe(0)
    expect((answer.json as AgentConfigList).agents.map(({ agent }) => agent)).toEqual(agents)
  })

  it.each([
    ['agents:\n  available: [claude, nobody]\n', /nobody.*Valid agents: claude/],
    ['agents: [\n', /config\.yaml/],
  ])('refuses the configuration %j', async (text, message) => {
    const w = createWorld()
    worlds.push(w)
    w.write('.kittify/config.yaml', text)
    expect(await config(w, 'list')).toMatchObject({ status: 1, stderr: expect.stringMatching(message) })
  })

  it('refuses on a protected branch before it writes', async () => {
    const w = await project()
    w.write('.kittify/config.yaml', `${w.read('.kittify/config.yaml')}protected_branches: [main]\n`)
    w.commit('protect')
    const before = tree(w)
    expect((await config(w, 'add', 'gemini', '--json')).json).toMatchObject({ code: 'protected_branch' })
    expect(tree(w)).toEqual(before)
    expect((await config(w, 'add', 'gemini', '--no-auto-commit', '--json')).json).toMatchObject({
      committed: false,
    })
  })
})

describe('a checkout with the line ends of Windows', () => {
  it('has no edited files, and nothing to bring up to date', async () => {
    const w = await project('claude,codex')
    const files: { files: { path: string }[] } = JSON.parse(w.read('.kittify/manifest.json'))
    for (const path of [...files.files.map(file => file.path), '.kittify/manifest.json'])
      w.write(path, w.read(path).replaceAll('\n', '\r\n'))
    const before = w.read('AGENTS.md')
    expect((await config(w, 'sync', '--json')).json).toMatchObject({ files: [] })
    expect(w.read('AGENTS.md')).toBe(before)
    expect((await runCli(w, ['uninstall', '--dry-run'])).stdout).not.toContain('Kept, because')
  })
})

it('moves the files of an agent that looks elsewhere by now', async () => {
  const w = await project('opencode')
  const manifest = w.read('.kittify/manifest.json')
  const path = '.opencode/command/spec-kitty.plan.md'
  w.write(path, w.read('.opencode/commands/spec-kitty.plan.md'))
  w.write('.kittify/manifest.json', manifest.replaceAll('.opencode/commands/', '.opencode/command/'))
  w.commit('made by an earlier version')
  expect((await config(w, 'sync')).status).toBe(0)
  expect([w.exists(path), w.exists('.opencode/commands/spec-kitty.plan.md')]).toEqual([false, true])
  expect(w.git('status', '--porcelain')).toBe('')
})
