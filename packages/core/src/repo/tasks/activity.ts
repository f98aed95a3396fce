/** The activity log at the end of a work package file. */
import { toSeconds } from '@spec-kitty/contracts/time'
import { bodyOf, type FrontMatterFile, lineEnd, withBody } from './front-matter.ts'

export interface Activity {
  /** Time stamp of the log; written to the second. */
  readonly at: string
  readonly actor: string
  readonly shellPid?: string | undefined
  /** Line breaks become spaces: an entry is one line. */
  readonly note: string
}

/** The file with one more entry under `## Activity Log`, which is made when it is missing. */
export function addActivity(file: FrontMatterFile, activity: Activity): FrontMatterFile {
  const eol = lineEnd(file)
  const pid = activity.shellPid === undefined ? [] : [`shell_pid=${activity.shellPid}`]
  const note = activity.note
    .split(/[\r\n]+/)
    .map(line => line.trim())
    .filter(line => line !== '')
    .join(' ')
  const entry = `- ${[toSeconds(activity.at), activity.actor, ...pid, note].join(' – ')}`
  const lines = bodyOf(file).match(/[^\n]*\n|[^\n]+$/g) ?? []
  const heading = lines.findIndex(line => /^##\s+Activity Log\s*$/i.test(line))
  if (heading < 0) return withBody(file, appended(lines, eol, [`## Activity Log${eol}`, eol, entry + eol]))
  const next = lines.findIndex((line, i) => i > heading && /^#{1,2}\s/.test(line))
  let last = (next < 0 ? lines.length : next) - 1
  while (last > heading && lines[last]?.trim() === '') last--
  const gap = last === heading ? [eol] : []
  const before = lines.slice(0, last + 1).map(line => (line.endsWith('\n') ? line : line + eol))
  return withBody(file, [...before, ...gap, entry + eol, ...lines.slice(last + 1)].join(''))
}

function appended(lines: readonly string[], eol: string, section: readonly string[]): string {
  const body = lines.join('')
  const gap = body === '' || body.endsWith(eol + eol) ? '' : body.endsWith('\n') ? eol : eol + eol
  return body + gap + section.join('')
}
