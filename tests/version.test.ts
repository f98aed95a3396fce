import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { VERSION } from '../packages/cli/src/version.ts'
import { root } from './source.ts'

it.each(['package.json', 'packages/cli/package.json', 'packages/spec-kitty/package.json'])(
  'the program tells the version of %s',
  file => {
    expect(VERSION).toBe(JSON.parse(readFileSync(join(root, file), 'utf8')).version)
  },
)
