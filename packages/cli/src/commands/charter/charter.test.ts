import {
  CharterContext,
  CharterGenerate,
  CharterInterview,
  CharterPreflight,
  CharterStatus,
  CharterSync,
} from '@spec-kitty/contracts/cli/charter'
import { addProject } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

const worlds: World[] = []
afterEach(() => {
  for (const made of worlds.splice(0)) made.cleanup()
})

function project(): World {
  const w = createWorld()
  worlds.push(w)
  addProject(w)
  w.commit()
  return w
}

const PATH = '.kittify/charter/charter.md'
const charter = (w: World, ...words: string[]) => runCli(w, ['charter', ...words])

describe('charter', () => {
  it('is missing without harm', async () => {
    const w = project()
    const context = await charter(w, 'context', '--action', 'specify', '--json')
    expect(v.parse(v.strictObject(CharterContext.entries), context.json)).toMatchObject({
      mode: 'missing',
      action: 'specify',
      result: 'success',
    })
    const status = await charter(w, 'status', '--json')
    expect(v.parse(CharterStatus, status.json).charter_sync).toMatchObject({ available: false })
    const preflight = await charter(w, 'preflight', '--json')
    expect(preflight.status).toBe(0)
    expect(v.parse(v.strictObject(CharterPreflight.entries), preflight.json)).toMatchObject({
      passed: false,
      blocked_reason: null,
    })
    expect((await charter(w, 'preflight', '--strict')).status).toBe(1)
    expect(await charter(w, 'sync', '--json')).toMatchObject({ status: 1, json: { success: false } })
    expect((await charter(w, 'status')).stdout).toContain('optional')
    expect(w.git('status', '--porcelain')).toBe('')
  })

  it('goes from an interview to the rules of every step, tree clean', async () => {
    const w = project()
    const words = ['--selected-directives', 'Small functions, No globals', '--available-tools', 'git']
    const asked = await charter(
      w,
      'interview',
      '--defaults',
      '--profile',
      'comprehensive',
      ...words,
      '--json',
    )
    expect(v.parse(v.strictObject(CharterInterview.entries), asked.json)).toMatchObject({
      mission: 'software-dev',
      profile: 'comprehensive',
      selected_directives: ['Small functions', 'No globals'],
      committed: true,
    })
    w.write(
      '.kittify/charter/interview/answers.yaml',
      w
        .read('.kittify/charter/interview/answers.yaml')
        .replace(/quality_gates: .*/, 'quality_gates: "npm test: all of it"'),
    )
    w.commit('answers')
    const made = await charter(w, 'generate', '--from-interview', '--json')
    expect(v.parse(v.strictObject(CharterGenerate.entries), made.json)).toMatchObject({
      charter_path: PATH,
      template_set: 'software-dev-default',
      files_written: [PATH],
    })
    const text = w.read(PATH)
    expect(text).toContain('- Quality Gates: npm test: all of it\n')
    expect(text).toContain('\n2. npm test: all of it\n')
    expect(text).toContain('\n7. No globals\n')
    expect(text).toContain('selected_directives: ["Small functions", "No globals"]\n')
    const context = await charter(w, 'context', '--action', 'plan', '--no-mark-loaded', '--json')
    const { text: rules, directives, project_charter } = v.parse(CharterContext, context.json)
    expect(rules).toContain('## Policy Summary')
    expect(directives.map(({ title }) => title)).toContain('No globals')
    expect(project_charter).toMatchObject({ present: true, bytes: Buffer.byteLength(text) })
    const status = v.parse(CharterStatus, (await charter(w, 'status', '--json')).json)
    expect(status.charter_sync).toMatchObject({ status: 'synced', current_hash: project_charter.hash })
    expect((await charter(w, 'status')).stdout).toContain(PATH)
    expect(v.parse(CharterSync, (await charter(w, 'sync', '--json')).json).result).toBe('noop')
    expect((await charter(w, 'preflight')).stdout).toContain('is there')
    expect(w.git('status', '--porcelain')).toBe('')
    expect(w.git('log', '-1', '--format=%s')).toBe('Write the charter')
  })

  it('keeps the charter that people wrote, unless forced', async () => {
    const w = project()
    w.write(PATH, '# Ours\n')
    w.commit('ours')
    const refused = await charter(w, 'generate', '--no-from-interview', '--json')
    expect(refused.json).toMatchObject({ code: 'invalid_input', hint: expect.stringContaining('--force') })
    expect(w.read(PATH)).toBe('# Ours\n')
    const forced = await charter(w, 'generate', '--no-from-interview', '--profile', 'minimal', '--force')
    expect(forced.stdout).toContain('written and committed')
    expect(w.read(PATH)).toMatch(/^# Project Charter\n/)
    expect((await charter(w, 'generate', '--no-from-interview', '--force', '--json')).json).toMatchObject({
      files_written: [],
      committed: false,
    })
  })

  it('keeps the answers that a second interview does not ask for, and what people wrote into them', async () => {
    const w = project()
    await charter(w, 'interview', '--defaults', '--profile', 'comprehensive', '--selected-directives', 'A')
    const path = '.kittify/charter/interview/answers.yaml'
    w.write(
      path,
      w
        .read(path)
        .replace(/amendment_process: .*/, 'amendment_process: Ask Ann.')
        .replace(/quality_gates: .*/, 'quality_gates: [lint, tests]'),
    )
    const edited = w.read(path)
    const again = await charter(w, 'interview', '--defaults', '--profile', 'minimal', '--json')
    expect(again).toMatchObject({ status: 0, json: { selected_directives: ['A'], profile: 'minimal' } })
    expect(w.read(path)).toBe(edited.replace('profile: comprehensive', 'profile: minimal'))
    await charter(w, 'generate')
    expect(w.read(PATH)).toContain('Ask Ann.')
    expect(w.read(PATH)).toContain('- Quality Gates: lint; tests\n')
  })

  it('replaces no charter whose edits are not in the history', async () => {
    const w = project()
    w.write(PATH, '# Ours\n')
    const words = ['generate', '--no-from-interview', '--force', '--json']
    const refused = await charter(w, ...words)
    const hint = `spec-kitty safe-commit -m "Edit the charter" ${PATH}`
    expect(refused).toMatchObject({ status: 1, json: { code: 'not_ready', hint } })
    expect(w.read(PATH)).toBe('# Ours\n')
    await runCli(w, ['safe-commit', '-m', 'Edit the charter', PATH])
    expect(await charter(w, ...words)).toMatchObject({ status: 0 })
  })

  it('never prints more than 2 KB of rules, whatever the charter looks like', async () => {
    const w = project()
    const rules = Array.from({ length: 200 }, (_, i) => `${i + 1}. Rule number ${i + 1} – with a dash`)
    for (const text of [`# X\n\n## Project Directives\n\n${rules.join('\n')}\n`, 'free text\n'.repeat(900)]) {
      w.write(PATH, text)
      const { stdout } = await charter(w, 'context', '--action', 'plan')
      expect(Buffer.byteLength(stdout)).toBeLessThan(2048)
      expect(stdout).toContain(`the rest is in ${PATH}`)
    }
  })

  it('prints single sections and directives', async () => {
    const w = project()
    w.write(PATH, '# C\n\n## Amendment Process\n\nAsk Ann.\n\n## Project Directives\n\n- first\n- second\n')
    const include = (what: string) => charter(w, 'context', '--include', what)
    expect((await include('section:amendment-process')).stdout).toBe('Ask Ann.\n')
    expect((await include('directive:2')).stdout).toBe('second\n')
    expect(await include('section:nope')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('nope'),
    })
    const none = await charter(w, 'context', '--json')
    expect(none).toMatchObject({
      status: 1,
      json: { error: '--action is required unless --include is provided.' },
    })
  })

  it.each([
    [['interview'], 'Nobody is there to answer'],
    [['interview', '--defaults', '--mission-type', 'nope'], 'nope'],
    [['generate'], 'There are no answers yet'],
  ])('refuses %j and writes nothing', async (words, message) => {
    const w = project()
    expect(await charter(w, ...words)).toMatchObject({ status: 1, stderr: expect.stringContaining(message) })
    expect(w.git('status', '--porcelain')).toBe('')
  })
})
