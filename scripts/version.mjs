/**
 * `npm run release:version`: turns the changesets into the next version of `spec-kitty`: its manifest, what the program
 * tells, the lock file, and a new part of CHANGELOG.md, which also takes what stood under "Unreleased".
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './workspace.mjs'

const at = path => join(root, path)
const read = path => readFileSync(at(path), 'utf8')

async function must(program, ...args) {
  const { status, output } = await run(program, args)
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${output}`)
}

/** The changelog with the section of `version`: the lines of the changesets, then those that waited under "Unreleased". */
export function withRelease(changelog, version, lines) {
  const [head = '', rest = ''] = changelog.split('## Unreleased\n')
  const next = rest.search(/^## /m)
  const waiting = (next < 0 ? rest : rest.slice(0, next)).trim()
  const older = next < 0 ? '' : rest.slice(next)
  const body = [lines.trim(), waiting].filter(part => part !== '').join('\n')
  return `${head}## Unreleased\n\n## ${version}\n\n${body}\n${older === '' ? '' : `\n${older}`}`
}

/** The list items of the newest section that changesets wrote. */
function newLines(text) {
  const section = text.split(/^## /m)[1] ?? ''
  return section
    .split('\n')
    .filter(line => /^(- | {2})/.test(line))
    .map(line => line.replace(/^- (?:[0-9a-f]{7,}: )?/, '- '))
    .join('\n')
}

async function main() {
  await must(at('node_modules/.bin/changeset'), 'version')
  const { version } = JSON.parse(read('packages/spec-kitty/package.json'))
  for (const path of ['package.json', 'packages/cli/package.json', 'packages/cli/src/version.ts'])
    writeFileSync(at(path), read(path).replace(/("version": "|VERSION = ')[^"']+/, `$1${version}`))
  const written = 'packages/spec-kitty/CHANGELOG.md'
  const lines = existsSync(at(written)) ? newLines(read(written)) : ''
  writeFileSync(at('CHANGELOG.md'), withRelease(read('CHANGELOG.md'), version, lines))
  rmSync(at(written), { force: true })
  await must('npm', 'install', '--package-lock-only', '--ignore-scripts')
  process.stdout.write(`version ${version}. Look at it, commit, then: git tag v${version}\n`)
}

if (process.argv[1] === import.meta.filename) await main()
