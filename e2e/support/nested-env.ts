/**
 * A fresh Python environment for one scenario. uv makes it where uv can be had, else the
 * standard library. Where neither works the scenario is skipped: `EnvironmentLimitation` says why.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface NestedEnv {
  readonly venv_dir: string
  /** Absolute path of a Python that runs. */
  readonly python: string
  /** Absolute path of a pip that runs. */
  readonly pip: string
  readonly method: 'uv_venv' | 'stdlib_venv'
}

/** The machine, not the product, is why a scenario cannot run: to be turned into a skip, never into a failure. */
export class EnvironmentLimitation extends Error {
  constructor(what: string, details: readonly string[]) {
    super([`E2E environment limitation: ${what}`, ...details].join(' '))
    this.name = 'EnvironmentLimitation'
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** What decides how an environment is made. */
export interface PythonFacts {
  /** Absolute path of uv, when it is on PATH. */
  readonly uv: string | undefined
  /** Absolute path of the outer interpreter itself, not of a shim. */
  readonly python: string | undefined
  /** The outer interpreter was installed by uv: such a Python often cannot make environments by itself. */
  readonly uvManaged: boolean
}

export interface Attempt {
  readonly method: NestedEnv['method']
  readonly program: string
  readonly args: readonly string[]
}

/** Looks at PATH and asks the outer Python where it lives. */
export function readPythonFacts(env: Environment = process.env): PythonFacts {
  const found = onPath('python3', env) ?? onPath('python', env)
  const asked = found === undefined ? undefined : run(found, ['-c', 'import sys; print(sys.executable)'], env)
  const python = asked?.status === 0 ? asked.output.trim() : undefined
  const marked = python !== undefined && /(?:^|[\\/])\.?uv(?:[\\/]|$)/.test(python)
  return { uv: onPath('uv', env), python, uvManaged: marked || (env.UV_MANAGED_PYTHON ?? '') !== '' }
}

/** The ways to try, in order. uv is preferred whenever there is one, whoever manages the outer Python. */
export function planNestedEnv(facts: PythonFacts, venvDir: string): readonly Attempt[] {
  const attempts: Attempt[] = []
  if (facts.uv !== undefined) {
    const python = facts.python === undefined ? [] : ['--python', facts.python]
    // --seed: without it uv makes no pip.
    attempts.push({ method: 'uv_venv', program: facts.uv, args: ['venv', '--seed', ...python, venvDir] })
  }
  if (facts.python !== undefined) {
    attempts.push({ method: 'stdlib_venv', program: facts.python, args: ['-m', 'venv', venvDir] })
  }
  return attempts
}

/**
 * Makes the environment, replacing what is at `venvDir`. Python and pip of the result have been run.
 * Throws `EnvironmentLimitation` when no way works.
 */
export function createNestedEnv(venvDir: string, env: Environment = process.env): NestedEnv {
  const facts = readPythonFacts(env)
  const failures: string[] = []
  if (facts.uv === undefined) failures.push('uv is not on PATH.')
  if (facts.python === undefined) failures.push('No Python that runs is on PATH.')
  for (const attempt of planNestedEnv(facts, venvDir)) {
    rmSync(venvDir, { recursive: true, force: true })
    const problem = tryOut(attempt, venvDir, env)
    if (typeof problem !== 'string') return problem
    failures.push(problem)
  }
  if (facts.uvManaged) failures.push('The outer Python is managed by uv.')
  throw new EnvironmentLimitation('could not create a nested Python environment.', failures)
}

/** Installs packages from PyPI. Throws `EnvironmentLimitation` when pip cannot get them. */
export function installPackages(
  nested: NestedEnv,
  packages: readonly string[],
  env: Environment = process.env,
): void {
  const { status, output } = run(nested.pip, ['install', '--quiet', ...packages], env, 180_000)
  if (status === 0) return
  throw new EnvironmentLimitation(`${nested.pip} could not install ${packages.join(', ')}:`, [
    lastLine(output),
  ])
}

function tryOut(attempt: Attempt, venvDir: string, env: Environment): NestedEnv | string {
  const { method, program, args } = attempt
  const made = run(program, args, env)
  const command = [program, ...args].join(' ')
  if (made.status !== 0)
    return `"${command}" ended with ${made.status ?? 'a signal'}: ${lastLine(made.output)}`
  const python = join(venvDir, 'bin', 'python')
  const pip = join(venvDir, 'bin', 'pip')
  for (const tool of [python, pip]) {
    const asked = run(tool, ['--version'], env)
    if (asked.status !== 0) return `"${command}" made no ${tool} that runs: ${lastLine(asked.output)}`
  }
  return { venv_dir: venvDir, python, pip, method }
}

function onPath(name: string, env: Environment): string | undefined {
  const directories = (env.PATH ?? '').split(delimiter).filter(directory => directory !== '')
  return directories.map(directory => join(directory, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Variables of an outer Python or environment would leak into the nested one. */
const OUTER = ['PYTHONHOME', 'PYTHONPATH', 'VIRTUAL_ENV', '__PYVENV_LAUNCHER__']

function run(
  program: string,
  args: readonly string[],
  env: Environment,
  timeout = 120_000,
): { readonly status: number | null; readonly output: string } {
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !OUTER.includes(name)))
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env: clean,
    encoding: 'utf8',
    timeout,
  })
  return { status, output: error === undefined ? `${stdout}${stderr}` : error.message }
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? ''
}
