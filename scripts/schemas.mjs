/**
 * Publishes the contracts (JSON Schema 2020-12). Each valibot schema exported by packages/contracts/src/{files,wire}/*.ts
 * becomes packages/contracts/schemas/<folder>/<name>.schema.json; those of cli/*.ts become one document, cli.json, which
 * also tells which of them describes the `--json` document of a command. `--check` compares instead of writing and
 * names what differs; `--into DIR` writes the answers of commands into files of their own.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema'
import { rolldown } from 'rolldown'
import { filesBelow, root } from './workspace.mjs'

const sources = join(root, 'packages/contracts/src')
const target = join(root, 'packages/contracts/schemas')
const folders = ['files', 'wire', 'cli']
/** Module name of the command tree among the loaded ones. */
const COMMAND_TREE = 'commands'

/**
 * Loads TypeScript modules (Node 20 cannot by itself), given as name → path; calls `use` with their exports by name,
 * while what they load themselves is still there.
 */
async function load(input, use) {
  // Inside the workspace, so that the bundle finds valibot.
  const scratch = mkdtempSync(join(root, 'node_modules', '.schemas-'))
  try {
    const build = await rolldown({ input, platform: 'node', external: [/^(?!@spec-kitty\/)[@a-z]/] })
    await build.write({ dir: scratch, format: 'esm', entryFileNames: '[name].mjs' })
    await build.close()
    const modules = new Map()
    for (const name of Object.keys(input)) {
      modules.set(name, await import(pathToFileURL(join(scratch, `${name}.mjs`)).href))
    }
    return await use(modules)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const isSchema = value => typeof value === 'object' && value !== null && value.kind === 'schema'
const kebab = name =>
  name
    .replace('OAuth', 'Oauth')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()

/** Relative path of a schema file → its text. */
async function generate() {
  const paths = folders
    .flatMap(folder => filesBelow(join(sources, folder)))
    .filter(path => /(?<!\.test)\.ts$/.test(path))
  const input = Object.fromEntries(paths.map(path => [relative(sources, path).replace(/\.ts$/, ''), path]))
  return await load({ ...input, [COMMAND_TREE]: join(root, 'packages/cli/src/commands/index.ts') }, describe)
}

/** Contracts of commands that stay committed one by one: other programs are built on them. */
const SINGLE = new Set(['cli/mark-status.schema.json', 'cli/merge-dry-run.schema.json'])
const DIALECT = { target: 'draft-2020-12', errorMode: 'ignore' }
const print = value => `${JSON.stringify(value, null, 2)}\n`

/** Relative path of a schema file → its text, for the exports of all modules. */
async function describe(modules) {
  const documents = new Map()
  const answers = new Map()
  for (const [name, exports] of modules) {
    for (const [constant, schema] of Object.entries(exports).filter(([, value]) => isSchema(value))) {
      const title = constant.replace(/Schema$/, '')
      const file = `${dirname(name)}/${kebab(title)}.schema.json`
      if (documents.has(file) || answers.has(title))
        throw new Error(`${file}: two contracts are called ${title}`)
      if (name.startsWith('cli/')) answers.set(title, schema)
      if (name.startsWith('cli/') && !SINGLE.has(file)) continue
      // What valibot can check and JSON Schema cannot say (a transform, a custom check) is left out.
      const { $schema, ...body } = toJsonSchema(schema, DIALECT)
      documents.set(file, print({ $schema, title, ...body }))
    }
  }
  const { COMMANDS, HIDDEN } = modules.get(COMMAND_TREE)
  const commands = await mapCommands({ ...COMMANDS, ...HIDDEN }, answers)
  documents.set('cli.json', print(bundleOf(commands, answers)))
  return documents
}

/** All answers in one document: a schema that several use is written once. */
function bundleOf(commands, answers) {
  const names = [...answers.keys()].sort((a, b) => (a < b ? -1 : 1))
  const $defs = toJsonSchemaDefs(Object.fromEntries(names.map(name => [name, answers.get(name)])), DIALECT)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'What spec-kitty prints with --json',
    commands,
    $defs,
  }
}

/** Command path → name of the definition of its result. A command without one is an error. */
async function mapCommands(commands, answers) {
  const names = new Map([...answers].map(([name, schema]) => [schema, name]))
  const map = {}
  for (const path of Object.keys(commands).sort((a, b) => (a < b ? -1 : 1))) {
    const { command } = await commands[path].load()
    const name = names.get(command.result)
    if (name === undefined)
      throw new Error(`spec-kitty ${path}: its result is no schema exported by contracts/src/cli`)
    map[path] = name
  }
  return map
}

/** Every answer as a file of its own below `directory`, for the package. */
async function writeSingleFiles(directory) {
  const bundle = JSON.parse(readFileSync(join(target, 'cli.json'), 'utf8'))
  await load({ bundle: join(sources, 'schema-bundle.ts') }, modules => {
    mkdirSync(directory, { recursive: true })
    for (const name of Object.keys(bundle.$defs)) {
      const file = join(directory, `${kebab(name)}.schema.json`)
      writeFileSync(file, print(modules.get('bundle').documentOf(bundle, name)))
    }
  })
  return 0
}

async function main() {
  const [word, directory] = process.argv.slice(2)
  if (word === '--into') return await writeSingleFiles(directory)
  const check = word === '--check'
  const wanted = await generate()
  const present = filesBelow(target).map(path => relative(target, path))
  const stale = present.filter(name => !wanted.has(name))
  const different = [...wanted].filter(([name, text]) => {
    const path = join(target, name)
    return !existsSync(path) || readFileSync(path, 'utf8') !== text
  })
  if (check) {
    for (const [name] of different)
      process.stderr.write(`packages/contracts/schemas/${name} differs from its source\n`)
    for (const name of stale) process.stderr.write(`packages/contracts/schemas/${name} has no source\n`)
    if (different.length + stale.length > 0) process.stderr.write('Run: npm run schemas\n')
    return different.length + stale.length > 0 ? 1 : 0
  }
  for (const [name, text] of different) {
    mkdirSync(join(target, dirname(name)), { recursive: true })
    writeFileSync(join(target, name), text)
    process.stdout.write(`wrote ${name}\n`)
  }
  for (const name of stale) {
    rmSync(join(target, name))
    process.stdout.write(`removed ${basename(name)}\n`)
  }
  return 0
}

process.exitCode = await main()
