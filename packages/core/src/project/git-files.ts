/** Our lines in `.gitignore`, `.gitattributes` and git's configuration. Lines that are there stay as they are. */
import { join } from '../text/paths.ts'
import { rewrite, type WriteFile } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'

const MARKER = '# Added by Spec Kitty CLI (auto-managed)'

/** What is local to a machine or can be computed again. */
export const IGNORED: readonly string[] = [
  '.worktrees/',
  '.kittify/.dashboard',
  '.kittify/derived/',
  '.kittify/dossiers/',
  '.kittify/events/',
  '.kittify/merge-state.json',
  '.kittify/runtime/',
  '.kittify/sync-state.json',
  '.kittify/workspaces/',
  '.kittify/charter/context-state.json',
]

export const ATTRIBUTES: readonly string[] = [
  'kitty-specs/**/status.events.jsonl merge=spec-kitty-event-log',
  'kitty-specs/**/status.events.jsonl linguist-generated=true',
  'kitty-specs/**/status.json linguist-generated=true',
  'kitty-specs/**/lanes.json linguist-generated=true',
]

/**
 * `text` with those of `lines` that it lacks, below our marker; undefined when none is missing. An empty line goes
 * before them, but a line end only where the text had no last one: so `withoutLines` can tell what was there.
 */
export function withLines(text: string | undefined, lines: readonly string[]): string | undefined {
  const eol = text?.includes('\r\n') === true ? '\r\n' : '\n'
  const present = new Set((text ?? '').split(/\r?\n/).map(line => line.trim()))
  const missing = lines.filter(line => !present.has(line))
  if (missing.length === 0) return undefined
  const before = text === undefined ? '' : text + eol
  const marker = present.has(MARKER) ? [] : [MARKER]
  return before + [...marker, ...missing].map(line => line + eol).join('')
}

/** A file of the project with those of `lines` that it lacks; no change when it has them all. */
export function linesChange(
  ports: Pick<Ports, 'files'>,
  root: string,
  name: string,
  lines: readonly string[],
): readonly WriteFile[] {
  const path = join(root, name)
  const before = ports.files.text(path)
  return rewrite(path, before, withLines(before, lines) ?? before ?? '')
}

/** `text` without our marker and those of `lines` that stand in it; undefined when nothing of the user's is left. */
export function withoutLines(text: string, lines: readonly string[]): string | undefined {
  const ours = new Set([MARKER, ...lines])
  const rows = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const start = rows.findIndex(row => row.trim() === MARKER)
  const rest = (from: number, to?: number): string =>
    rows
      .slice(from, to)
      .filter(row => !ours.has(row.trim()))
      .join('')
  if (start < 0) return rest(0)
  const before = rows.slice(0, start).join('')
  const after = rest(start)
  if (start === 0 && after === '') return undefined
  // The line end before our marker is ours; what somebody wrote below needs it when it is the only one.
  const kept = before.replace(/\r?\n$/, '')
  return after === '' || kept === '' || kept.endsWith('\n') ? kept + after : before + after
}

const SECTION = /^[ \t]*\[merge "spec-kitty-event-log"\][^\n]*\n(?:[ \t]*[^[\s][^\n]*(?:\n|$))*/m

/** Git's configuration without our merge driver; undefined when it is not registered. */
export function withoutMergeDriver(config: string): string | undefined {
  return SECTION.test(config) ? config.replace(SECTION, '') : undefined
}

/**
 * Git's configuration with our merge driver for event logs: without it git would merge a log as
 * text and leave conflict markers in it. Undefined when the driver is registered.
 */
export function withMergeDriver(config: string): string | undefined {
  if (/^[ \t]*\[merge "spec-kitty-event-log"\]/m.test(config)) return undefined
  const before = config === '' || config.endsWith('\n') ? config : `${config}\n`
  return `${before}[merge "spec-kitty-event-log"]
\tname = Spec Kitty event log union merge
\tdriver = spec-kitty merge-driver-event-log %O %A %B
`
}
