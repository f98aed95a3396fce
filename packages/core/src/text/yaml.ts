/** Reading YAML: the fast reader first, the full library for what it leaves. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Json } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { Ports } from '../world/ports.ts'
import { readSimpleYaml } from './simple-yaml.ts'

/**
 * The value of a YAML document. `path` and `firstLine` (1-based line of the file on which `text` starts) go
 * into the refusal. Throws `file_malformed`.
 */
export async function readYaml(
  ports: Pick<Ports, 'yaml'>,
  text: string,
  path: string,
  firstLine = 1,
): Promise<unknown> {
  const simple = readSimpleYaml(text)
  if (simple !== undefined) return simple
  try {
    return await ports.yaml.parse(text)
  } catch (cause) {
    throw located(cause, path, firstLine)
  }
}

/** `text` with other values for some keys; undefined removes one. Throws `file_malformed` with `path` and line. */
export async function editYaml(
  ports: Pick<Ports, 'yaml'>,
  text: string,
  path: string,
  values: Readonly<Record<string, Json | undefined>>,
): Promise<string> {
  try {
    return await ports.yaml.edit(text, values)
  } catch (cause) {
    throw located(cause, path, 1)
  }
}

/** One line number: that of the file. */
function located(cause: unknown, path: string, firstLine: number): unknown {
  if (!(cause instanceof KittyError) || cause.code !== 'file_malformed') return cause
  const within = typeof cause.data.line === 'number' ? cause.data.line : 1
  const line = within + firstLine - 1
  return new KittyError('file_malformed', `${path}:${line}: ${cause.message}`, {
    hint: sh`Mend line ${line}; text with a colon, a quote or a leading symbol needs quotes around it`,
    data: { path, line },
    cause,
  })
}
