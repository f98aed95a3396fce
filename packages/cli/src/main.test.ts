import { compareCodePoints } from '@spec-kitty/contracts/json'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { runCli } from './testing/run-cli.ts'
import { VERSION } from './version.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('kitty-specs/other/meta.json', '{}')
})
afterEach(() => world.cleanup())

const run = (...words: string[]) => runCli(world, words)

describe('without a command', () => {
  test('--version is one line', async () => {
    expect(await run('--version')).toMatchObject({ status: 0, stdout: `spec-kitty ${VERSION}\n`, stderr: '' })
    expect((await run('--version', '--json')).json).toEqual({ version: VERSION })
  })

  test.each([[[]], [['--help']], [['-h']]])('%j shows the everyday commands first', async words => {
    const { status, stdout } = await run(...words)
    expect(status).toBe(0)
    expect(stdout.indexOf('Every day')).toBeGreaterThan(0)
    expect(stdout.indexOf('Every day')).toBeLessThan(stdout.indexOf('More'))
    // A group stands for its commands.
    for (const path of Object.keys(COMMANDS)) expect(stdout).toContain(path.replace(/ [^ ]+$/, ''))
  })

  test('--verbose, which a failure asks for, is understood everywhere', async () => {
    const words = ['agent', 'status', 'validate', '--mission', 'nope']
    const [loud, quiet] = [await run(...words, '--verbose'), await run(...words)]
    expect([loud.status, loud.stderr]).toEqual([quiet.status, quiet.stderr])
    expect(loud.stderr).toContain('nope')
    expect((await run('--verbose', 'agent', 'config', 'list')).stderr).not.toContain('--verbose')
  })

  test('help is one document too when a program asks', async () => {
    expect((await run('--help', '--json')).json).toMatchObject({ help: expect.stringContaining('Usage:') })
  })
})

describe('a group', () => {
  test('lists its commands', async () => {
    const { status, stdout } = await run('agent', 'status')
    expect(status).toBe(0)
    expect(stdout).toContain('agent status emit')
    expect(stdout).not.toContain('agent mission create')
  })

  test.each([
    [['agnt'], 'Did you mean: spec-kitty agent'],
    [['agent', 'status', 'emti'], 'Did you mean: spec-kitty agent status emit'],
    [['agent', 'quux'], 'See: spec-kitty agent --help'],
  ])('%j is a usage error', async (words, hint) => {
    const { status, json, stderr } = await run(...words, '--json')
    expect(status).toBe(2)
    expect(json).toMatchObject({ code: 'usage', hint })
    expect(stderr).toBe('')
  })

  test('an option of no command is a usage error', async () => {
    expect(await run('--frobnicate')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'Error: No such option: --frobnicate\nSee: spec-kitty --help\n',
    })
  })
})

describe('a command', () => {
  test('has a page with arguments, options and examples', async () => {
    const { status, stdout } = await run('agent', 'status', 'emit', '--help')
    expect(status).toBe(0)
    for (const part of ['Usage:', 'Arguments', 'Options', '--to', '--json', '--mission HANDLE']) {
      expect(stdout).toContain(part)
    }
    expect(stdout).not.toContain('--feature')
  })

  test('every command has one, and its path is its file', async () => {
    for (const [path, entry] of Object.entries(COMMANDS)) {
      const { command } = await entry.load()
      expect(entry.summary, path).toMatch(/^[A-Z].*[^.]$/)
      expect(typeof command.run, path).toBe('function')
      const { status, stdout } = await run(...path.split(' '), '--help')
      expect({ path, status }).toEqual({ path, status: 0 })
      expect(stdout).toContain(`spec-kitty ${path}`)
    }
    expect(Object.keys(COMMANDS)).toEqual(Object.keys(COMMANDS).toSorted(compareCodePoints))
  })

  test('answers a refusal with one document and its status', async () => {
    const { status, json, stderr } = await run(
      'agent',
      'status',
      'materialize',
      '--mission',
      'nope',
      '--json',
    )
    expect(status).toBe(2)
    expect(json).toMatchObject({ error: 'mission_not_found', code: 'mission_not_found', handle: 'nope' })
    expect(stderr).toBe('')
  })

  test('tells a person the same in two lines on stderr', async () => {
    const { status, stdout, stderr } = await run('agent', 'status', 'materialize', '--mission', 'nope')
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toBe("Error: No mission is called 'nope'\nMissions here: other\n")
  })

  test('reports a bug of ours without a stack trace, with one when asked', async () => {
    const broken = { ports: { ...world.ports, files: undefined as never } }
    const words = ['agent', 'status', 'materialize', '--mission', 'x']
    const short = await runCli(broken, words)
    expect(short.status).toBe(1)
    expect(short.stderr).toMatch(/^Error: Internal error in spec-kitty .*\nThis is a bug of ours\./)
    expect(short.stderr).not.toContain('    at ')
    expect((await runCli(broken, [...words, '--json'])).json).toMatchObject({ code: 'internal' })
  })
})

test('colours only when told to', async () => {
  const plain = await runCli(world, ['--help'])
  const coloured = await runCli(world, ['--help'], { color: true })
  expect(plain.stdout).not.toContain('\u001b')
  expect(coloured.stdout).toContain('\u001b[1mUsage:\u001b[22m')
})
