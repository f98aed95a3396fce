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
import { mergeJson, unkeptIn } from '../text/json-merge.ts'
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

type Outcome = Omit<MergeDriver, 'path'> & { readonly content: string | Uint8Array }

/** Writes the merged text into the second file, the one git calls ours. Throws `invalid_input`, `git_failed`. */
export async function mergeFiles(ports: Ports, kind: DriverKind, input: DriverInput): Promise<MergeDriver> {
  const { cwd } = ports.env
  const [base, path, theirs] = [input.base, input.ours, input.theirs].map(file => resolvePath(cwd, file))
  const files = {
    base: requireSide(ports, base),
    ours: requireSide(ports, path),
    theirs: requireSide(ports, theirs),
  }
  const { content, ...answer } =
    kind === 'rows' || kind === 'keys'
      ? await mergeMeaning(ports, kind, files)
      : await mergeAsText(ports, kind === 'lines', files)
  await writeLocal(ports, [{ kind: 'write_file', path: files.ours, content }])
  return { path: files.ours, ...answer }
}

/** The paths of the three, or what is in them. */
interface Sides {
  readonly base: string
  readonly ours: string
  readonly theirs: string
}

/** As git merges text, whatever its encoding; whole sides in conflict where git sees no text. */
async function mergeAsText(ports: Ports, union: boolean, files: Sides): Promise<Outcome> {
  const merged = await ports.git.mergeText(ports.env.cwd, files, union)
  if (merged !== undefined) return { content: merged.bytes, clean: merged.clean }
  return { content: wholeSides(ports, files), clean: false, problem: 'One side is no text: keep one' }
}

/** Conflict markers where the rows or keys of the sides do not go together, or cannot be read. */
async function mergeMeaning(ports: Ports, kind: 'rows' | 'keys', files: Sides): Promise<Outcome> {
  const attempt = byMeaning(ports, kind, files)
  if (typeof attempt !== 'string') return attempt
  const merged = await ports.git.mergeText(ports.env.cwd, files, false)
  // What merges as text may still say two things of one row or key: then the whole of both sides is in conflict.
  const content = merged === undefined || merged.clean ? wholeSides(ports, files) : merged.bytes
  return { content, clean: false, problem: attempt }
}

/** A sentence where that does not work. */
function byMeaning(ports: Pick<Ports, 'files'>, kind: 'rows' | 'keys', files: Sides): Outcome | string {
  const read = (path: string): string => (ports.files.text(path) ?? '').replace(/^\uFEFF/, '')
  try {
    const sides = { base: read(files.base), ours: read(files.ours), theirs: read(files.theirs) }
    return kind === 'rows' ? uniteRows(sides) : mergeKeys(sides)
  } catch (cause) {
    if (cause instanceof KittyError) return cause.message
    if (cause instanceof RangeError) return 'It is too long or too deep to be taken apart'
    throw cause
  }
}

function uniteRows({ base, ours, theirs }: Sides): Outcome | string {
  const { text, conflicts } = unionLogs([base, ours, theirs])
  if (conflicts.length === 0) return { content: text, clean: true, rows: text.split('\n').length - 1 }
  return `Conflicting payloads found for event_id ${conflicts.join(', ')}: keep one line for each`
}

function mergeKeys({ base, ours, theirs }: Sides): Outcome | string {
  const [mine, other] = [parseObject(ours), parseObject(theirs)]
  if (mine === undefined || other === undefined) {
    return `${mine === undefined ? 'Our' : 'Their'} side is no JSON object: keep what is right, and take the markers out`
  }
  const unkept = [base, ours, theirs].map(unkeptIn).find(word => word !== undefined)
  if (unkept !== undefined)
    return `${unkept} would not be kept as it is: merge by hand, and take the markers out`
  const merged = mergeJson(parseObject(base), mine, other)?.value as JsonObject | undefined
  if (merged === undefined) return 'Both sides changed the same value: keep one, and take the markers out'
  const gone = Object.keys(mine).filter(key => !Object.hasOwn(merged, key))
  const content = editJson(ours, { ...merged, ...Object.fromEntries(gone.map(key => [key, undefined])) })
  return { content, clean: true }
}

/** Both sides as they are, between markers. */
function wholeSides({ files }: Pick<Ports, 'files'>, { ours, theirs }: Sides): Uint8Array {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
  const lines = (path: string): readonly Uint8Array[] => {
    const side = files.bytes(path) ?? bytes('')
    return side.length === 0 || side.at(-1) === 0x0a ? [side] : [side, bytes('\n')]
  }
  const parts = [bytes('<<<<<<< ours\n'), ...lines(ours), bytes('=======\n'), ...lines(theirs)]
  const all = [...parts, bytes('>>>>>>> theirs\n')]
  const whole = new Uint8Array(all.reduce((length, part) => length + part.length, 0))
  let end = 0
  for (const part of all) {
    whole.set(part, end)
    end += part.length
  }
  return whole
}

/** git hands over an empty file where there was none; a missing one is a wrong name. */
function requireSide(ports: Pick<Ports, 'files'>, path = ''): string {
  const kind = ports.files.stat(path)?.kind
  if (kind !== undefined && kind !== 'directory') return path
  throw new KittyError('invalid_input', `No such file: ${path}`, {
    hint: sh`spec-kitty merge-driver-event-log BASE OURS THEIRS is called by git`,
    data: { path },
  })
}
