import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, lstatSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Completion } from '@spec-kitty/contracts/cli/project-aids'
import { addMission, addProject, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import { SHELLS } from '../completion/scripts.ts'
import { runCli } from '../testing/run-cli.ts'
import { COMMANDS } from './index.ts'

const worlds: World[] = []
afterEach(() => {
  for (const made of worlds.splice(0)) made.cleanup()
})

function world(): World {
  const w = createWorld()
  worlds.push(w)
  return w
}

async function complete(w: World, ...words: string[]): Promise<string[]> {
  const answer = await runCli(w, ['complete', ['spec-kitty', ...words].join('\n')])
  expect(answer).toMatchObject({ status: 0, stderr: '' })
  return answer.stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t')[0] ?? '')
}

describe('complete', () => {
  it('walks the command tree', async () => {
    const w = world()
    expect(new Set(await complete(w, ''))).toEqual(
      new Set(Object.keys(COMMANDS).map(path => path.split(' ')[0])),
    )
    expect(await complete(w, 'agent', 'ta')).toEqual(['tasks'])
    expect(await complete(w, 'agent', 'tasks', 'm')).toEqual(['map-requirements', 'mark-status', 'move-task'])
    expect(await complete(w, '--v')).toEqual(['--version'])
    expect(await complete(w, 'nonsense', '')).toEqual([])
  })

  it('knows every visible option, and the words of a choice', async () => {
    const w = world()
    expect(await complete(w, 'agent', 'tasks', 'move-task', 'WP01', '--no')).toEqual(['--note'])
    expect(await complete(w, 'merge', '--dry')).toEqual(['--dry-run'])
    expect(await complete(w, 'init', '--y')).toEqual([])
    expect(await complete(w, 'charter', 'generate', '--profile', 'm')).toEqual(['minimal'])
    expect(await complete(w, 'merge', '--help')).toEqual(['--help'])
  })

  it('knows missions, work packages, lanes, agents and topics', async () => {
    const w = world()
    addProject(w)
    addMission(w)
    expect(await complete(w, 'merge', '--mission', '')).toEqual([MISSION_SLUG])
    expect(await complete(w, 'implement', 'W')).toEqual(['WP01', 'WP02'])
    expect(await complete(w, 'agent', 'tasks', 'move-task', '--mission', MISSION_SLUG, 'WP02')).toEqual([
      'WP02',
    ])
    expect(await complete(w, 'agent', 'tasks', 'mark-status', 'WP01', 'WP02')).toEqual(['WP02'])
    expect(await complete(w, 'agent', 'tasks', 'move-task', 'WP01', '--to', 'for')).toEqual(['for_review'])
    expect(await complete(w, 'agent', 'config', 'add', 'gemini', 'c')).toEqual([
      'claude',
      'codex',
      'copilot',
      'cursor',
      'cline',
    ])
    expect(await complete(w, 'instructions', 'work')).toEqual(['workflow', 'worktrees'])
    expect(await complete(w, 'implement', 'WP01', 'W')).toEqual([])
  })

  it('is silent about trouble', async () => {
    const w = createWorld({ git: false })
    worlds.push(w)
    expect(await complete(w, 'merge', '--mission', '')).toEqual([])
    expect(await complete(w, 'implement', '')).toEqual([])
  })
})

describe('completion', () => {
  it.each(SHELLS)('prints a script for %s', async shell => {
    const answer = await runCli(world(), ['completion', shell, '--json'])
    expect(v.parse(v.strictObject(Completion.options[0].entries), answer.json).script).toContain('complete ')
  })

  it('refuses other shells', async () => {
    const answer = await runCli(world(), ['completion', 'tcsh'])
    expect(answer).toMatchObject({ status: 1, stderr: expect.stringContaining('bash, zsh, fish') })
  })

  it('hands bash the words before the cursor, empty ones too, and takes the values back', async () => {
    const w = world()
    w.write(
      'bin/spec-kitty',
      `#!/bin/sh\nprintf '%s\\tx y\\n' first second\nprintf '%s' "$2" > '${join(w.root, 'got')}'\n`,
    )
    chmodSync(join(w.root, 'bin/spec-kitty'), 0o755)
    w.write('script', (await runCli(w, ['completion', 'bash'])).stdout)
    const lines = [
      `source '${join(w.root, 'script')}'`,
      'COMP_WORDS=(spec-kitty agent "" later); COMP_CWORD=2; _spec_kitty',
      `printf "%s|" "$\{COMPREPLY[@]}"`,
    ]
    const out = execFileSync('bash', ['-c', lines.join('\n')], {
      env: { ...w.env, PATH: `${join(w.root, 'bin')}:${w.env.PATH}` },
      encoding: 'utf8',
    })
    expect(out).toBe('first|second|')
    expect(w.read('got')).toBe('spec-kitty\nagent\n')
  })

  it.for([
    ['zsh', '-n'],
    ['fish', '--no-execute'],
  ] as const)('prints what %s can read', async ([shell, check], context) => {
    // Not every machine has these shells.
    context.skip(spawnSync(shell, ['--version']).status !== 0, `${shell} is not installed`)
    const { stdout } = await runCli(world(), ['completion', shell])
    expect(spawnSync(shell, [check, '-c', stdout]).status).toBe(0)
  })
})

describe('completion install', () => {
  const install = (w: World, env: Record<string, string>, ...more: string[]) =>
    runCli({ ports: w.at('.', env) }, ['completion', 'install', '--json', ...more])

  it('puts one line into the start file of the shell, once, through a link, every other byte as it was', async () => {
    const w = world()
    w.write(join(w.dir, 'dotfiles/bashrc'), '# mine\nexport A=1')
    symlinkSync(join(w.dir, 'dotfiles/bashrc'), join(w.home, '.bashrc'))
    const env = { SHELL: '/usr/bin/bash' }
    const line = 'command -v spec-kitty >/dev/null && eval "$(spec-kitty completion bash)"'
    expect((await install(w, env)).json).toEqual({
      shell: 'bash',
      file: join(w.home, '.bashrc'),
      line,
      changed: true,
    })
    expect(w.read(join(w.dir, 'dotfiles/bashrc'))).toBe(`# mine\nexport A=1\n${line}\n`)
    expect(lstatSync(join(w.home, '.bashrc')).isSymbolicLink()).toBe(true)
    expect((await install(w, env)).json).toMatchObject({ changed: false })
    expect((await runCli({ ports: w.at('.', env) }, ['completion', 'install'])).stdout).toContain(
      'nothing was changed',
    )
  })

  it('makes the file where there is none, and knows where fish and zsh look', async () => {
    const w = world()
    const zsh = { SHELL: '/bin/zsh', ZDOTDIR: join(w.dir, 'z') }
    expect((await install(w, zsh)).json).toMatchObject({ file: join(w.dir, 'z/.zshrc'), changed: true })
    const fish = (await install(w, {}, 'fish')).json
    expect(fish).toMatchObject({
      shell: 'fish',
      line: null,
      file: join(w.home, '.config/fish/completions/spec-kitty.fish'),
    })
    expect(w.read(join(w.home, '.config/fish/completions/spec-kitty.fish'))).toContain(
      'complete -c spec-kitty',
    )
  })

  it('refuses a shell that it does not know', async () => {
    const w = world()
    const { status, json } = await install(w, { SHELL: '/bin/tcsh' })
    expect([status, json]).toEqual([
      1,
      expect.objectContaining({ code: 'invalid_input', error: "No completion for the shell 'tcsh'" }),
    ])
    expect((await runCli(w, ['completion', 'bash', 'zsh'])).status).toBe(1)
  })
})
