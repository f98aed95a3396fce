import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Init } from '@spec-kitty/contracts/cli/init'
import { AGENTS } from '@spec-kitty/core/project/agents'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const worlds: World[] = []
function world(options: Parameters<typeof createWorld>[0] = {}): World {
  const made = createWorld(options)
  worlds.push(made)
  return made
}
afterEach(() => {
  for (const made of worlds.splice(0)) made.cleanup()
})

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => !entry.isDirectory())
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => !path.includes('/.git/'))

const SCRIPTED = ['--non-interactive']

describe('init', () => {
  it('makes the first commit of an empty repository and leaves it clean', async () => {
    const w = world()
    const answer = await runCli(w, ['init', '--ai', 'claude'])
    expect(answer).toMatchObject({ status: 0, stderr: '' })
    expect(answer.stdout).toContain('committed as "Set up Spec Kitty"')
    expect(answer.stdout.trim().split('\n').length).toBeLessThanOrEqual(10)
    expect(w.git('status', '--porcelain')).toBe('')
    expect(w.git('log', '--format=%s')).toBe('Set up Spec Kitty')
    expect(w.read('.kittify/config.yaml')).toMatch(/available:\n {2}- claude\n {2}auto_commit: true\n/)
    expect(w.read('.kittify/metadata.yaml')).toMatch(/^ {2}schema_version: 3$/m)
    expect(w.read('.gitignore').split('\n')).toContain('.worktrees/')
    expect(w.git('check-attr', 'merge', 'kitty-specs/x/status.events.jsonl')).toMatch(/spec-kitty-event-log$/)
    expect(w.git('config', 'merge.spec-kitty-event-log.driver')).toBe(
      'spec-kitty merge-driver-event-log %O %A %B',
    )
    expect(readdirSync(w.home)).toEqual([])
  })

  it('commits only its own files', async () => {
    const w = world()
    w.write('code.ts', 'one\n')
    w.commit()
    w.write('code.ts', 'two\n')
    w.write('staged.txt', 'mine\n')
    w.git('add', 'staged.txt')
    await runCli(w, ['init', '--ai', 'claude'])
    expect(w.git('status', '--porcelain').split('\n')).toEqual(['M code.ts', 'A  staged.txt'])
  })

  it('prints one document that keeps its schema', async () => {
    const w = world()
    const answer = await runCli(w, ['init', '--ai', 'claude', '--json'])
    const result = v.parse(v.strictObject(Init.entries), answer.json)
    expect(result).toMatchObject({
      result: 'initialized',
      agents: ['claude'],
      git: 'existing',
      committed: true,
    })
    expect(result.files.map(file => file.path)).toContain('.claude/commands/spec-kitty.specify.md')
    expect(w.git('show', '--name-only', '--format=').split('\n')).toEqual(result.files.map(file => file.path))
  })

  it.each(AGENTS.map(agent => [agent.key]))(
    'sets up %s inside the project, without links or absolute paths',
    async key => {
      const w = world()
      await runCli(w, ['init', '--ai', key, ...SCRIPTED])
      const files = filesBelow(w.root)
      expect(files.some(path => /spec-kitty[.-]specify/.test(path))).toBe(true)
      for (const path of files) {
        expect(lstatSync(path).isSymbolicLink()).toBe(false)
        const text = readFileSync(path, 'utf8')
        expect(text).not.toContain(w.dir)
        expect(text).not.toMatch(/\{\{(ARGUMENTS|AGENT)\}\}/)
        if (path.includes('spec-kitty.') || path.includes('CLAUDE.md'))
          expect(text.length).toBeLessThan(6 * 1024)
      }
      expect(readdirSync(w.home)).toEqual([])
    },
  )

  it('reads the list of agents leniently and renders each in its own form', async () => {
    const w = world()
    const answer = await runCli(w, ['init', '--ai', 'Claude;gemini, codex,claude', ...SCRIPTED, '--json'])
    expect(answer.json).toMatchObject({ agents: ['claude', 'gemini', 'codex'], committed: false })
    expect(w.read('.claude/commands/spec-kitty.specify.md')).toMatch(
      /^---\ndescription: .+\n---\n[\s\S]*\$ARGUMENTS/,
    )
    expect(w.read('.gemini/commands/spec-kitty.specify.toml')).toMatch(
      /^description = ".+"\n\nprompt = """\n[\s\S]*\{\{args\}\}[\s\S]*"""\n$/,
    )
    expect(w.read('.agents/skills/spec-kitty-specify/SKILL.md')).toMatch(/^---\nname: spec-kitty-specify\n/)
    expect(w.read('AGENTS.md')).toContain('spec-kitty agent tasks status')
    const manifest: { files: { path: string }[] } = JSON.parse(w.read('.kittify/manifest.json'))
    expect(manifest.files.every(file => existsSync(join(w.root, file.path)))).toBe(true)
  })

  it('keeps what people wrote', async () => {
    const w = world()
    w.write('.gitignore', 'mine/\n')
    w.write('.claude/CLAUDE.md', '# Ours\n')
    w.write('.claude/commands/spec-kitty.plan.md', 'my own plan\n')
    const answer = await runCli(w, ['init', '--ai', 'claude'])
    expect(answer.stdout).toContain(
      'Kept as they are, because somebody wrote them: .claude/commands/spec-kitty.plan.md',
    )
    expect(w.read('.gitignore')).toMatch(/^mine\/\n/)
    expect(w.read('.claude/CLAUDE.md')).toMatch(/^# Ours\n\n<!-- spec-kitty:orientation -->/)
    expect(w.read('.claude/commands/spec-kitty.plan.md')).toBe('my own plan\n')
  })

  it('changes nothing the second time', async () => {
    const w = world()
    await runCli(w, ['init', '--ai', 'claude'])
    const head = w.git('rev-parse', 'HEAD')
    const answer = await runCli(w, ['init', '--ai', 'gemini'])
    expect(answer.status).toBe(0)
    expect(answer.stdout).toMatch(/^Already initialized/)
    expect((await runCli(w, ['init', '--json'])).json).toMatchObject({
      result: 'already_initialized',
      next_steps: ['spec-kitty agent config list', 'spec-kitty where'],
    })
    expect([w.git('rev-parse', 'HEAD'), w.git('status', '--porcelain')]).toEqual([head, ''])
  })

  it('lists every file with --dry-run and writes none', async () => {
    const w = world()
    const answer = await runCli(w, ['init', '--ai', 'claude', '--dry-run'])
    expect(answer.stdout).toContain('    .claude/commands/spec-kitty.specify.md')
    expect(answer.stdout).toContain('and committed')
    expect(filesBelow(w.root)).toEqual([])
  })

  it.each([
    ['no agent', ['init'], '--ai is required'],
    ['an unknown agent', ['init', '--ai', 'claude,nope'], 'nope'],
    ['an empty list', ['init', '--ai', ',;'], '--ai'],
    ['an existing directory', ['init', 'there', '--ai', 'claude'], 'already exists'],
  ])('refuses %s and writes nothing', async (_, words, message) => {
    const w = world()
    w.write('there/x', '')
    const before = filesBelow(w.root)
    const answer = await runCli(w, [...words, '--json'])
    expect(answer.status).toBe(1)
    expect(answer.json).toMatchObject({ error: expect.stringContaining(message), code: 'invalid_input' })
    expect(filesBelow(w.root)).toEqual(before)
  })

  it('leaves the files uncommitted when asked', async () => {
    const w = world()
    const answer = await runCli(w, ['init', '--ai', 'claude', '--no-commit'])
    expect(answer.stdout).toContain('Not committed.\n')
    expect(w.git('rev-list', '--all', '--count')).toBe('0')
  })

  it('protects the default branch of the remote, and then does not commit on it', async () => {
    const w = world()
    w.write('README.md', '# x\n')
    const sha = w.commit()
    w.git('update-ref', 'refs/remotes/origin/main', sha)
    w.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main')
    const answer = await runCli(w, ['init', '--ai', 'claude', '--protect', '--json'])
    expect(answer.json).toMatchObject({ protected_branches: ['main'], committed: false })
    expect(w.read('.kittify/config.yaml')).toMatch(/\nprotected_branches:\n- main\ndelivery: pull_request\n$/)
    expect(w.git('rev-parse', 'HEAD')).toBe(sha)
  })

  it('makes a repository for a new directory with --git-init', async () => {
    const w = world({ git: false })
    const answer = await runCli(w, ['init', 'fresh', '--ai', 'claude', '--git-init', '--json'])
    expect(answer.json).toMatchObject({
      git: 'initialized',
      committed: true,
      project_root: join(w.root, 'fresh'),
    })
    expect(w.gitAt('fresh', 'status', '--porcelain')).toBe('')
    expect(w.gitAt('fresh', 'config', 'merge.spec-kitty-event-log.name')).toBe(
      'Spec Kitty event log union merge',
    )
  })

  it('says what is missing outside a repository, and inside somebody else’s', async () => {
    const outside = world({ git: false })
    const alone = await runCli(outside, ['init', '--ai', 'claude'])
    expect(alone.status).toBe(0)
    expect(alone.stdout).toContain('Not a git repository yet.')
    const inside = world()
    const nested = await runCli(inside, ['init', 'sub', '--ai', 'claude', '--json'])
    expect(nested.json).toMatchObject({ git: 'none', committed: false })
    expect(nested.stdout).toContain(`Inside the repository ${inside.root}`)
  })

  it.each([
    ['as asked', true, ['--no-commit']],
    ['outside a repository', false, []],
    ['on a branch that it protects', true, ['--protect']],
  ])('commits what it left uncommitted with the step that it prints: %s', async (_, git, words) => {
    const w = world({ git })
    if (git) {
      w.write('.claude/commands/mine.md', 'mine\n')
      w.commit()
      w.write('.claude/commands/draft.md', 'a draft\n')
    }
    const { json } = await runCli(w, ['init', '--ai', 'claude,codex', ...words, '--json'])
    const steps = (json as { next_steps: string[] }).next_steps
    const run = (command: string) =>
      execFileSync('sh', ['-c', command], { cwd: w.root, env: w.env, stdio: 'pipe' })
    run(steps.find(step => step.includes('git commit')) ?? 'false')
    expect(w.git('status', '--porcelain')).toBe(git ? '?? .claude/commands/draft.md' : '')
    expect((await runCli(w, ['agent', 'mission', 'create', 'my-feature', '--json'])).status).toBe(0)
  })

  it('prints after --dry-run the command that does it, which walks', async () => {
    const w = world()
    const { json } = await runCli(w, ['init', '--ai', 'claude', '--no-commit', '--dry-run', '--json'])
    const [command = ''] = (json as { next_steps: string[] }).next_steps
    expect(command).toBe('spec-kitty init --ai claude --no-commit')
  })

  it('writes nothing where git keeps its own files, and commits nothing on a detached HEAD', async () => {
    const w = world()
    w.write('README.md', '# x\n')
    const head = w.commit()
    const at = (folder: string) => ({ ports: w.at(folder) })
    const inside = await runCli(at('.git/hooks'), ['init', '--here', '--ai', 'claude', '--json'])
    expect(inside).toMatchObject({ status: 1, json: { code: 'not_a_repository' } })
    w.git('clone', '-q', '--bare', '.', '../store.git')
    for (const words of [['init'], ['init', 'sub']]) {
      const bare = await runCli(at('../store.git'), [...words, '--ai', 'claude', '--json'])
      expect(bare).toMatchObject({ status: 1, json: { error: expect.stringContaining('bare') } })
    }
    w.git('switch', '-q', '--detach')
    const detached = await runCli(w, ['init', '--ai', 'claude', '--json'])
    expect(detached).toMatchObject({ status: 1, json: { code: 'detached_head' } })
    expect([
      w.exists('.kittify'),
      w.exists('../store.git/.kittify'),
      w.exists('.git/hooks/.kittify'),
    ]).toEqual([false, false, false])
    expect((await runCli(w, ['init', '--ai', 'claude', '--no-commit'])).status).toBe(0)
    expect(w.git('rev-parse', 'HEAD')).toBe(head)
  })

  it.each(['.claude', '.kittify', '.claude/commands'])(
    'names a file that is where %s should be, and leaves nothing',
    async path => {
      const w = world()
      w.write(path, 'mine')
      w.commit('mine')
      const answer = await runCli(w, ['init', '--ai', 'claude'])
      expect([answer.status, answer.stderr]).toEqual([
        1,
        expect.stringMatching(/: not a directory \(ENOTDIR\)\n.*move it aside/),
      ])
      expect([w.git('status', '--porcelain'), w.read(path)]).toEqual(['', 'mine'])
    },
  )

  it('takes everything back when the commit fails', async () => {
    const w = world()
    w.git('config', 'user.useConfigOnly', 'true')
    w.git('config', '--unset', 'user.email')
    const nobody = {
      GIT_AUTHOR_EMAIL: '',
      GIT_COMMITTER_EMAIL: '',
      GIT_AUTHOR_NAME: '',
      GIT_COMMITTER_NAME: '',
    }
    const answer = await runCli({ ports: w.at('.', nobody) }, ['init', '--ai', 'claude', '--json'])
    expect(answer.json).toMatchObject({
      code: 'git_failed',
      hint: expect.stringContaining('Tell git who you are'),
    })
    expect(filesBelow(w.root)).toEqual([])
  })
})

describe('init in a folder of a repository', () => {
  it('takes the whole repository and says how to take the folder, which then has its own project', async () => {
    const w = world()
    w.write('packages/an app/index.js', '')
    w.commit()
    const folder = `${w.root}/packages/an app`
    const whole = await runCli(w, ['init', '--ai', 'claude', '--json'], { cwd: folder })
    expect(whole.json).toMatchObject({ project_root: w.root })
    const note = (whole.json as { notes: string[] }).notes.find(line => line.includes('--here')) ?? ''
    expect(note).toContain(`cd '${folder}' && spec-kitty init --here --ai claude`)
    const own = await runCli(w, ['init', '--here', '--ai', 'claude', '--json'], { cwd: folder })
    expect(own.json).toMatchObject({ project_root: folder, committed: true })
    const created = await runCli(w, ['agent', 'mission', 'create', 'demo', '--json'], { cwd: `${folder}` })
    expect(created.json).toMatchObject({ result: 'success' })
    expect(w.git('ls-files', 'packages/an app/kitty-specs')).toContain('meta.json')
    expect(w.git('status', '--porcelain')).toBe('')
  })
})
