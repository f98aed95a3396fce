/** What `init` asks on a terminal. The prompts are the library's; only the answers are played here. */
import { execFileSync } from 'node:child_process'
import { chmodSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createPorts } from '@spec-kitty/host/ports'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Session } from '../command.ts'
import { createStyle } from '../style.ts'
import { command } from './init.ts'

const CANCEL = Symbol('cancel')
const answers = vi.hoisted(() => ({ multiselect: vi.fn(), confirm: vi.fn() }))
vi.mock('@clack/prompts', () => ({ ...answers, isCancel: (value: unknown) => typeof value === 'symbol' }))

let world: World
afterEach(() => world.cleanup())

const session: Session = {
  json: false,
  interactive: () => true,
  show: () => {},
  stayUntil: () => {},
  settle: () => {},
  acting: createPorts({ env: {} }),
  emit: () => true,
  terminal: () => Promise.reject(new Error('no terminal')),
  style: createStyle(false, 80),
}
const run = (input: Record<string, unknown>) => command.run(world.ports, input, session)

describe('init on a terminal', () => {
  it('asks for the agents, those that are found chosen beforehand, and says where they were found', async () => {
    world = createWorld()
    const bin = join(world.dir, 'bin')
    world.write(join(bin, 'claude'), '#!/bin/sh\nexit 1\n')
    chmodSync(join(bin, 'claude'), 0o755)
    world.write(join(bin, 'qwen'), 'not a program')
    world.write('.gemini/settings.json', '{}')
    world.write('.github/workflows/ci.yml', 'on: push\n')
    world.write(join(world.home, '.cursor/settings.json'), '{}')
    answers.multiselect.mockResolvedValueOnce(['claude', 'gemini'])
    // The folders of the system may hold agents too; git alone is needed.
    symlinkSync(
      execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(),
      join(bin, 'git'),
    )
    const { document } = await command.run(world.at('.', { PATH: bin }), {}, session)
    expect(document).toMatchObject({ result: 'initialized', agents: ['claude', 'gemini'], committed: true })
    const { initialValues, options } = answers.multiselect.mock.lastCall?.[0] ?? {}
    expect(initialValues).toEqual(['claude', 'gemini', 'cursor'])
    expect(
      options
        .map((option: { label: string }) => option.label)
        .filter((label: string) => label.includes('found')),
    ).toEqual([
      'Claude Code (found: claude on PATH)',
      'Gemini CLI (found: .gemini in the project)',
      'Cursor (found: ~/.cursor)',
    ])
  })

  it('proposes those that are found where it may not ask', async () => {
    world = createWorld({ git: false, env: { PATH: '/nowhere' } })
    world.write('.opencode/command/x.md', '')
    world.write('.roo/x', '')
    await expect(run({ nonInteractive: true })).rejects.toMatchObject({
      hint: expect.stringMatching(/^spec-kitty init --ai opencode,roo \(known: claude, /),
    })
  })

  it('offers to make a repository', async () => {
    world = createWorld({ git: false })
    answers.confirm.mockResolvedValueOnce(true)
    const { document } = await run({ ai: 'claude' })
    expect(document).toMatchObject({ git: 'initialized', committed: true })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it.each([
    ['no agent is chosen', () => answers.multiselect.mockResolvedValueOnce(CANCEL), {}],
    ['the repository is not decided', () => answers.confirm.mockResolvedValueOnce(CANCEL), { ai: 'claude' }],
  ])('writes nothing when %s', async (_, answer, input) => {
    world = createWorld({ git: false })
    answer()
    await expect(run(input)).rejects.toMatchObject({ code: 'interrupted', status: 130 })
    expect(world.exists('.kittify')).toBe(false)
  })

  it('does not ask when told not to', async () => {
    world = createWorld()
    await expect(run({ nonInteractive: true })).rejects.toThrow('--ai is required')
    world.cleanup()
    world = createWorld({ env: { SPEC_KITTY_NON_INTERACTIVE: 'yes' } })
    await expect(run({})).rejects.toThrow('--ai is required')
  })
})
