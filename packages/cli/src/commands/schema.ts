import { SchemaDocument } from '@spec-kitty/contracts/cli/schema'
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseJson } from '@spec-kitty/contracts/json'
import { documentOf, type SchemaBundle } from '@spec-kitty/contracts/schema-bundle'
import { sh } from '@spec-kitty/contracts/sh'
import type { Ports } from '@spec-kitty/core/world/ports'
import { args, defineCommand } from '../command.ts'
import { nearest } from '../nearest.ts'
import { SCHEMAS } from '../program.ts'

export const command = defineCommand({
  description:
    'Prints the JSON Schema of what a command prints with --json when it does its work. A refusal is {"error", "code", "hint"?} for every command.',
  examples: ['spec-kitty schema agent tasks status', 'spec-kitty schema merge > merge.schema.json'],
  args: { command: args('words of a command') },
  result: SchemaDocument,
  run: (ports, input) => schemaOf(ports, input.command.join(' ').trim().split(/\s+/).join(' ')),
  indent: true,
  verbatim: true,
  text: result => JSON.stringify(result, null, 2),
})

/** From the published document: nothing is generated here. Throws `usage` for a command that does not exist. */
function schemaOf(ports: Pick<Ports, 'files'>, path: string): SchemaDocument {
  const bundle = readBundle(ports)
  const name = bundle.commands[path]
  if (name !== undefined) return documentOf(bundle, name) as SchemaDocument
  const near = nearest(path, Object.keys(bundle.commands))
  throw new KittyError('usage', `No such command: spec-kitty ${path}`, {
    hint: near === undefined ? sh`See: spec-kitty --help` : sh`Did you mean: spec-kitty schema ${near}`,
  })
}

function readBundle(ports: Pick<Ports, 'files'>): SchemaBundle {
  const text = ports.files.text(`${SCHEMAS}/cli.json`)
  if (text !== undefined) return parseJson(text) as SchemaBundle
  throw new KittyError('io_failed', `This installation lacks ${SCHEMAS}/cli.json`, {
    hint: sh`Install it again: npm install`,
  })
}
