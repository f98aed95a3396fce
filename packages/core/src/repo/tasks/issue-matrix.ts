/**
 * `issue-matrix.md`: which issue of the specification was settled how. A mission that
 * keeps no such file is not held to it.
 */
import { parseTasks } from './document.ts'
import { tableRows } from './table.ts'

const UNSETTLED = /^(?:|-|—|\?|tbd|todo|pending|unknown|open)$/i

/** Issues that the specification names and the matrix does not settle. `in-mission` is no settlement once a WP is done. */
export function unsettledIssues(
  spec: string | undefined,
  matrix: string | undefined,
  lane: 'approved' | 'done',
): readonly string[] {
  if (matrix === undefined) return []
  const verdicts = readVerdicts(matrix)
  return issuesIn(spec ?? '').filter(issue => {
    const verdict = verdicts.get(issue)
    if (verdict === undefined || UNSETTLED.test(verdict)) return true
    return lane === 'done' && /^in-mission$/i.test(verdict)
  })
}

/** `#123`, `owner/repo#123`, an address that ends in `/issues/123`. Headings and colours are none. */
function issuesIn(spec: string): readonly string[] {
  const found = spec.matchAll(/(?:^|[\s([,/\w-])#(\d{1,6})\b(?![\w-])|\/issues\/(\d{1,6})\b/gm)
  return [...new Set([...found].map(match => `#${match[1] ?? match[2]}`))]
}

/** Issues that the mission settles for good; undefined where it keeps no matrix. */
export function fixedIssues(matrix: string | undefined): readonly string[] | undefined {
  if (matrix === undefined) return undefined
  return [...readVerdicts(matrix)].flatMap(([issue, verdict]) => (/^fixed$/i.test(verdict) ? [issue] : []))
}

function readVerdicts(matrix: string): ReadonlyMap<string, string> {
  const verdicts = new Map<string, string>()
  for (const row of tableRows(parseTasks(matrix))) {
    const column = row.header?.indexOf('verdict') ?? -1
    const issue = row.cells[0]?.text.match(/\d+/g)?.at(-1)?.slice(-6)
    const verdict = row.cells[column]?.text.replace(/[*_`]/g, '').trim()
    if (issue !== undefined && verdict !== undefined) verdicts.set(`#${issue}`, verdict)
  }
  return verdicts
}
