import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SchemaDocument } from '@spec-kitty/contracts/cli/schema'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SCHEMAS } from '../program.ts'
import { runCli } from '../testing/run-cli.ts'
import { COMMANDS, HIDDEN } from './index.ts'

let world: World
beforeEach(() => {
  world = createWorld({ git: false })
})
afterEach(() => world.cleanup())

const schema = (...words: string[]): ReturnType<typeof runCli> => runCli(world, ['schema', ...words])

describe('schema', () => {
  it('prints the committed schema of every command, anywhere', async () => {
    for (const [path, entry] of Object.entries({ ...COMMANDS, ...HIDDEN })) {
      const answer = await schema(...path.split(' '), '--json')
      expect([path, answer.status, answer.stderr]).toEqual([path, 0, ''])
      v.parse(SchemaDocument, answer.json)
      expect((await entry.load()).command.result, path).toBeDefined()
    }
  })

  it('prints what is in the repository, for people as for programs', async () => {
    const bundle = JSON.parse(readFileSync(join(SCHEMAS, 'cli.json'), 'utf8'))
    for (const words of [['agent', 'tasks', 'mark-status'], ['agent tasks  mark-status']]) {
      const { title, properties, $defs } = JSON.parse((await schema(...words)).stdout)
      expect({ title, properties }).toEqual({
        title: 'MarkStatus',
        properties: bundle.$defs.MarkStatus.properties,
      })
      expect(Object.keys($defs)).toEqual(['TaskFormat', 'TaskIdResult', 'TaskOutcome'])
      expect((await schema(...words, '--json')).stdout).toBe((await schema(...words)).stdout)
    }
  })

  it('stands alone: every reference is answered within the document', async () => {
    for (const path of Object.keys(COMMANDS)) {
      const { stdout } = await schema(path)
      const { $defs = {} } = JSON.parse(stdout)
      for (const [, name] of stdout.matchAll(/"#\/\$defs\/([^"]+)"/g))
        expect($defs, path).toHaveProperty([name ?? ''])
    }
  })

  it('knows no other command', async () => {
    const near = await schema('agent', 'tasks', 'mark-statuss', '--json')
    expect(near).toMatchObject({
      status: 2,
      json: {
        code: 'usage',
        hint: expect.stringMatching(/^Did you mean: spec-kitty schema '?agent tasks mark-status'?$/),
      },
    })
    expect((await schema('qqqqqqqqqqqq')).stderr).toContain('See: spec-kitty --help')
    expect((await schema()).status).toBe(2)
  })

  it('says so when the files are not there', async () => {
    const files = { ...world.ports.files, text: () => undefined }
    const answer = await runCli({ ports: { ...world.ports, files } }, ['schema', 'merge', '--json'])
    expect(answer).toMatchObject({ status: 1, json: { code: 'io_failed' } })
  })
})
