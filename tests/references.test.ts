/** What a comment or a record points at lies in this repository: a reader can follow it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './source.ts'

const FOLDERS = ['packages', 'e2e', 'tests', 'scripts', 'docs', '.ci']
const SKIPPED = /(?:^|\/)(?:node_modules|dist|schemas|fixtures|assets|coverage)(?:\/|$)/
/** This file names them as patterns. */
const SELF = 'tests/references.test.ts'

const FILES = FOLDERS.flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(name => `${folder}/${name}`),
).filter(path => /\.(?:ts|mjs|cjs|md|sh|py)$/.test(path) && !SKIPPED.test(path) && path !== SELF)

const RECORDS = readdirSync(join(root, 'docs/adr')).map(name => name.slice(0, 4))

/** Names of papers that never were in the repository. In quotes it is a file of OpenSpec. */
const OUTSIDE =
  /\b(?:spec\/(?:status|sync|lifecycle|lanes-merge|setup)\.md|faults\/|blockers\.md|(?<!['`])design\.md|decisions\.md|users\.md|style\.md|[Dd]ecisions? P\d+|issue \d+\b(?!\d))/

function faults(path: string): readonly string[] {
  return readFileSync(join(root, path), 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const at = `${path}:${index + 1}`
      const outside = OUTSIDE.exec(line)?.[0]
      const said = path.endsWith('.md') || /^\s*(?:\/?\*|\/\/)/.test(line) ? line : ''
      const pages = [...said.matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(match => match[0])
      const records = [...line.matchAll(/\bADR (\d{4})\b/g)].map(match => match[1] ?? '')
      const sources = [
        ...said.matchAll(
          /(?<![\w/.])(?:packages\/)?(contracts|core|host|server|cli)\/(?:src\/)?((?:[\w-]+\/)*[\w-]+\.ts)\b/g,
        ),
      ]
      return [
        ...(outside === undefined ? [] : [`${at}: ${outside}`]),
        ...pages.filter(page => !existsSync(join(root, page))).map(page => `${at}: ${page}`),
        ...sources
          .filter(([, home, file]) => !existsSync(join(root, `packages/${home}/src/${file}`)))
          .map(([name]) => `${at}: ${name}`),
        ...records.filter(number => !RECORDS.includes(number)).map(number => `${at}: ADR ${number}`),
      ]
    })
}

it('every reference resolves', () => {
  expect(FILES.flatMap(faults)).toEqual([])
  expect(FILES.length).toBeGreaterThan(500)
})
