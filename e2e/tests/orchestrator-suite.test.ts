/** The published orchestrator's own tests against our program, with `npm run orchestrator`: they take two minutes. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ORCHESTRATOR } from '../support/orchestrator.ts'
import { publishedPackages } from '../support/published.ts'
import { PROGRAM } from '../support/repository.ts'

const TOOLS = ['pytest==9.2.0', 'pytest-asyncio==1.5.0', 'pytest-mock==3.17.0']
/** It asks for version 1.0.0 of the contract by name: 3.2.7 answers 1.5.0 as well. */
const OUTDATED = 'test_host_client_contract_version_works_against_real_spec_kitty'

describe.runIf(process.env.SK_ORCH_SUITE === 'all')('the published orchestrator', () => {
  test('passes its own tests', { timeout: 1_800_000 }, context => {
    const { directory, reason } = publishedPackages('orchestrator-suite-0.1.2', [ORCHESTRATOR, ...TOOLS])
    // Its packages come from PyPI: without a way there, or Python, there is nothing to run.
    if (directory === undefined) return context.skip(reason)
    const python = join(directory, 'bin', 'python')
    const dir = mkdtempSync(join(tmpdir(), 'spec-kitty-suite-'))
    try {
      const pip = [
        '-m',
        'pip',
        'download',
        '-q',
        '--no-deps',
        '--no-binary',
        ':all:',
        '-d',
        dir,
        ORCHESTRATOR,
      ]
      execFileSync(python, pip, { stdio: 'pipe' })
      const [archive = ''] = readdirSync(dir)
      execFileSync('tar', ['xzf', join(dir, archive), '-C', dir])
      const sources = join(dir, archive.replace(/\.tar\.gz$/, ''))
      execFileSync(python, [join(import.meta.dirname, '../support/orchestrator_suite.py'), sources])
      mkdirSync(join(dir, 'bin'))
      symlinkSync(PROGRAM, join(dir, 'bin', 'spec-kitty'))
      const { status, stdout } = spawnSync(
        python,
        ['-m', 'pytest', '-q', '--no-header', '-k', `not ${OUTDATED}`],
        {
          cwd: sources,
          env: {
            ...process.env,
            PATH: `${dir}/bin:${process.env.PATH}`,
            SK_ORCH_E2E_SPEC_KITTY_BIN: join(dir, 'bin', 'spec-kitty'),
          },
          encoding: 'utf8',
        },
      )
      expect(status, stdout).toBe(0)
      expect(stdout).toMatch(/\d+ passed/)
    } finally {
      rmSync(dir, { recursive: true, force: true })
    }
  })
})
