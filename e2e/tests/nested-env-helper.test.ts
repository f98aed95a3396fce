import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DRIFTS, driftCases, expectDriftCaught } from '../scenarios/contract-drift-caught.ts'
import {
  createNestedEnv,
  EnvironmentLimitation,
  installPackages,
  planNestedEnv,
  readPythonFacts,
} from '../support/nested-env.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'spec-kitty-nested-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const { python } = readPythonFacts()
/** PATH as it is, less every directory that holds a uv. */
const withoutUv = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(directory => !existsSync(join(directory, 'uv')))
  .join(delimiter)

function program(name: string, script: string): string {
  const bin = join(dir, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, name), 0o755)
  return bin
}

/** Shell that makes an environment as the real tools do, less the seconds they take: a Python and a pip that run. */
const MAKE = `for last; do :; done; mkdir -p "$last/bin"; for tool in python pip; do ln -s /bin/true "$last/bin/$tool"; done`

const runs = (tool: string): boolean => spawnSync(tool, ['--version']).status === 0

function limitationOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentLimitation)
    return (error as Error).message
  }
  return 'no limitation'
}

test('prefers uv when available', context => {
  context.skip(python === undefined, 'no python3 on PATH')
  // Stands in for uv: notes how it was called and makes the environment.
  const log = join(dir, 'calls')
  const bin = program('uv', `echo "$@" > ${log}; ${MAKE}`)
  const env = { ...process.env, PATH: `${bin}${delimiter}${withoutUv}` }
  const nested = createNestedEnv(join(dir, 'venv'), env)
  expect(nested).toEqual({
    venv_dir: join(dir, 'venv'),
    python: join(dir, 'venv/bin/python'),
    pip: join(dir, 'venv/bin/pip'),
    method: 'uv_venv',
  })
  expect([nested.python, nested.pip].every(runs)).toBe(true)
  expect(spawnSync('cat', [log], { encoding: 'utf8' }).stdout).toContain('venv --seed --python')
  // Whoever manages the outer Python.
  for (const uvManaged of [true, false]) {
    const plan = planNestedEnv({ uv: '/x/uv', python: '/x/python3', uvManaged }, '/v')
    expect(plan.map(attempt => attempt.method)).toEqual(['uv_venv', 'stdlib_venv'])
  }
})

test('a real uv makes an environment with a pip that runs', context => {
  const { uv } = readPythonFacts()
  context.skip(uv === undefined, 'uv is not on PATH')
  const nested = createNestedEnv(join(dir, 'venv'))
  expect(nested.method).toBe('uv_venv')
  expect([nested.python, nested.pip].every(runs)).toBe(true)
})

test('stdlib fallback when uv absent', context => {
  context.skip(python === undefined, 'no python3 on PATH')
  const nested = createNestedEnv(join(dir, 'venv'), { ...process.env, PATH: withoutUv })
  expect(nested.method).toBe('stdlib_venv')
  expect([nested.python, nested.pip].every(runs)).toBe(true)
  const inside = spawnSync(nested.python, ['-c', 'import sys; print(sys.prefix != sys.base_prefix)'])
  expect(String(inside.stdout).trim()).toBe('True')
})

test('stdlib fallback when uv fails', () => {
  const bin = program('uv', 'echo "no network" >&2; exit 2')
  program('python3', `case "$1" in -c) echo ${join(dir, 'bin/python3')};; *) ${MAKE};; esac`)
  const env = { ...process.env, PATH: `${bin}${delimiter}${withoutUv}` }
  mkdirSync(join(dir, 'venv/leftover'), { recursive: true })
  expect(createNestedEnv(join(dir, 'venv'), env).method).toBe('stdlib_venv')
  expect(existsSync(join(dir, 'venv/leftover'))).toBe(false)
})

test('skip when neither works', () => {
  const nothing = limitationOf(() => createNestedEnv(join(dir, 'venv'), { PATH: dir }))
  expect(nothing).toMatch(/^E2E environment limitation: could not create a nested Python environment\./)
  expect(nothing).toContain('uv is not on PATH.')
  expect(nothing).toContain('No Python that runs is on PATH.')

  const bin = program('uv', 'echo "error: no interpreter" >&2; exit 2')
  program('python3', 'case "$1" in -c) echo /opt/.uv/python3;; esac; exit 0')
  const broken = limitationOf(() => createNestedEnv(join(dir, 'venv'), { PATH: bin }))
  expect(broken).toContain('ended with 2: error: no interpreter')
  expect(broken).toContain('/opt/.uv/python3 -m venv')
  expect(broken).toContain('The outer Python is managed by uv.')

  const fakePip = { venv_dir: dir, python: 'x', pip: join(program('pip', 'echo "no index"; exit 1'), 'pip') }
  const offline = limitationOf(() =>
    installPackages({ ...fakePip, method: 'stdlib_venv' }, ['spec-kitty-events']),
  )
  expect(offline).toMatch(/could not install spec-kitty-events: no index$/)
})

test('contract drift assertions still run', () => {
  const event = {
    event_id: 'x',
    schema_version: '3.0.0',
    payload: {},
    correlation_id: 'y',
    event_type: 'WPStatusChanged',
  }
  const cases = driftCases(event)
  expect(cases).toHaveLength(DRIFTS.length)
  // A judge that lets everything pass must fail the scenario, whatever made the environment.
  const blind = { status: 0, output: '{"problems": []}' }
  for (const each of cases) expect(() => expectDriftCaught(each, blind)).toThrow(each.name)
  // So must one that refuses without saying what.
  const mute = { status: 1, output: 'error' }
  for (const each of cases) expect(() => expectDriftCaught(each, mute)).toThrow(each.name)
  // And one that broke down is not taken for one that caught something.
  const crashed = { status: 1, output: 'Traceback (most recent call last):\n  envelope event_id' }
  for (const each of cases) expect(() => expectDriftCaught(each, crashed)).toThrow(each.name)
})

test.each([
  [{ PATH: '' }, false],
  [{ PATH: '', UV_MANAGED_PYTHON: '1' }, true],
  [{ PATH: '', UV_MANAGED_PYTHON: '' }, false],
])('uv-managed by %j: %s', (env, managed) => {
  expect(readPythonFacts(env).uvManaged).toBe(managed)
})

test.each([
  ['/home/me/.local/share/uv/python/cpython-3.12/bin/python3', true],
  ['/home/me/.uv/bin/python3', true],
  ['/usr/lib/uvloop/python3', false],
])('uv-managed by the path %s: %s', (path, managed) => {
  const bin = program('python3', `echo ${path}`)
  expect(readPythonFacts({ PATH: bin }).uvManaged).toBe(managed)
})
