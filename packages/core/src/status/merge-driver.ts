/**
 * `merge-driver-<kind> BASE OURS THEIRS`: git calls it where both sides of a merge have changed a file of a mission. The
 * kinds are those that the Python editions register. Where two changes collide the file gets conflict markers: git would
 * leave our side alone in it, and the next `git add` would drop the other.
 */
import type { MergeDriver } from '@spec-kitty/contracts/cli/merge-driver'
import { KittyError } from '@spec-kitty/contracts/errors'
import { type JsonObject, parseObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { unionLogs } from '../repo/log/log-union.ts'
import { editJson } from '../text/json-edit.ts'
import { mergeJson } from '../text/json-merge.ts'
import { resolvePath } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { writeLocal } from '../write/local.ts'

/** How a file merges: rows by their ids, keys of JSON, lines of both sides, or as git merges text. */
export type DriverKind = 'rows' | 'keys' | 'lines' | 'text'

export interface DriverInput {
  readonly base: string
  readonly ours: string
  readonly theirs: string
}

type Outcome = Omit<MergeDriver, 'path'> & { readonly text: string }

/** Writes the merged text into the second file, the one git calls ours. Throws `invalid_input`, `not_utf8`, `git_failed`. */
export async function mergeFiles(ports: Ports, kind: DriverKind, input: DriverInput): Promise<MergeDriver> {
  const paths = [input.base, input.ours, input.theirs].map(file => resolvePath(ports.env.cwd, file))
  const [base = '', path = '', theirs = ''] = paths
  const sides = { base: readSide(ports, base), ours: readSide(ports, path), theirs: readSide(ports, theirs) }
  const asText = async (union: boolean): Promise<Outcome> =>
    ports.git.mergeText(ports.env.cwd, { base, ours: path, theirs }, union)
  const outcome =
    kind === 'rows' || kind === 'keys'
      ? (byMeaning(kind, sides) ?? (await withMarkers(sides, asText, kind)))
      : await asText(kind === 'lines')
  const { text, ...answer } = outcome
  await writeLocal(ports, [{ kind: 'write_file', path, content: text }])
  return { path, ...answer }
}

interface Sides {
  readonly base: string
  readonly ours: string
  readonly theirs: string
}

/** Undefined where the rows or keys of the sides do not go together, or cannot be read. */
function byMeaning(kind: 'rows' | 'keys', sides: Sides): Outcome | undefined {
  try {
    return kind === 'rows' ? uniteRows(sides) : mergeKeys(sides)
  } catch (cause) {
    if (cause instanceof KittyError) return undefined
    throw cause
  }
}

function uniteRows({ base, ours, theirs }: Sides): Outcome | undefined {
  const { text, conflicts } = unionLogs([base, ours, theirs])
  return conflicts.length > 0 ? undefined : { text, clean: true, rows: text.split('\n').length - 1 }
}

function mergeKeys({ base, ours, theirs }: Sides): Outcome | undefined {
  const [mine, other] = [parseObject(ours), parseObject(theirs)]
  if (mine === undefined || other === undefined) return undefined
  const merged = mergeJson(parseObject(base), mine, other)?.value as JsonObject | undefined
  if (merged === undefined) return undefined
  const gone = Object.keys(mine).filter(key => !Object.hasOwn(merged, key))
  const text = editJson(ours, { ...merged, ...Object.fromEntries(gone.map(key => [key, undefined])) })
  return { text, clean: true }
}

/** What merges as text may still say two things of one row or key: then the whole of both sides is in conflict. */
async function withMarkers(
  sides: Sides,
  asText: (union: boolean) => Promise<Outcome>,
  kind: 'rows' | 'keys',
): Promise<Outcome> {
  const merged = await asText(false)
  const line = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
  const whole = `<<<<<<< ours\n${line(sides.ours)}=======\n${line(sides.theirs)}>>>>>>> theirs\n`
  return { text: merged.clean ? whole : merged.text, clean: false, problem: problemOf(kind, sides) }
}

function problemOf(kind: 'rows' | 'keys', { base, ours, theirs }: Sides): string {
  if (kind === 'keys') return 'Both sides changed the same value: keep one, and take the markers out'
  try {
    const { conflicts } = unionLogs([base, ours, theirs])
    return `Conflicting payloads found for event_id ${conflicts.join(', ')}: keep one line for each`
  } catch (cause) {
    if (cause instanceof KittyError) return cause.message
    throw cause
  }
}

function readSide(ports: Pick<Ports, 'files'>, path: string): string {
  const text = ports.files.text(path)
  // git hands over an empty file where there was none; a missing one is a wrong name.
  if (text !== undefined) return text
  throw new KittyError('invalid_input', `No such file: ${path}`, {
    hint: sh`spec-kitty merge-driver-event-log BASE OURS THEIRS is called by git`,
    data: { path },
  })
}
