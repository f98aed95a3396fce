/** TypeScript types of what commands print, from schemas/cli.json: one interface for each definition, and which command answers which. */

const INDENT = '  '

/** `bundle` is the document schemas/cli.json. Answers the text of a declaration file. */
export function typesOf(bundle) {
  const commands = Object.entries(bundle.commands).map(
    ([path, name]) => `${INDENT}${JSON.stringify(path)}: ${name}`,
  )
  return [
    '/** What spec-kitty prints with `--json`. Keys are only ever added. */',
    ...Object.entries(bundle.$defs).map(([name, schema]) => declaration(name, schema)),
    `/** Command → its document. */\nexport interface Answers {\n${commands.join('\n')}\n}`,
    '/** What every command prints when it refuses or fails. */',
    'export interface Refusal {\n  error: string\n  code: string\n  hint?: string\n  [key: string]: unknown\n}\n',
  ].join('\n\n')
}

function declaration(name, schema) {
  const body = typeOf(schema, '')
  const plain = schema.type === 'object' && body.startsWith('{\n')
  return `${comment(schema, '')}export ${plain ? `interface ${name} ${body}` : `type ${name} = ${body}`}`
}

function comment({ description }, indent) {
  return description === undefined ? '' : `/** ${description.replaceAll('*/', '* /')} */\n${indent}`
}

function typeOf(schema, indent) {
  if (schema.$ref !== undefined) return schema.$ref.replace('#/$defs/', '')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return schema.enum.map(value => JSON.stringify(value)).join(' | ')
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return [...new Set(choices.map(choice => typeOf(choice, indent)))].join(' | ')
  if (schema.not !== undefined) return 'never'
  switch (schema.type) {
    case 'object':
      return objectOf(schema, indent)
    case 'array':
      return `(${typeOf(schema.items ?? {}, indent)})[]`
    case 'integer':
      return 'number'
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return schema.type
    default:
      return 'unknown'
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }, indent) {
  const inner = indent + INDENT
  const keys = Object.entries(properties).map(([key, value]) => {
    const optional = required.includes(key) ? '' : '?'
    return `${inner}${comment(value, inner)}${JSON.stringify(key)}${optional}: ${typeOf(value, inner)}`
  })
  if (keys.length > 0) return `{\n${keys.join('\n')}\n${indent}}`
  const rest = typeof additionalProperties === 'object' ? typeOf(additionalProperties, indent) : 'unknown'
  return `Record<string, ${rest}>`
}
