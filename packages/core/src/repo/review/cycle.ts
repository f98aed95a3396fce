/**
 * Review cycles: `tasks/<wp-stem>/review-cycle-N.md`, one file per verdict of a reviewer (docs/lanes.md).
 * The newest one decides whether a work package may be approved and merged.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Json, JsonObject } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { toSeconds } from '@spec-kitty/contracts/time'
import { basename, join } from '../../text/paths.ts'
import { wpId as idOf, wpKey } from '../../text/wp-id.ts'
import type { Ports } from '../../world/ports.ts'
import type { Reduction } from '../log/reduce.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import { putBack } from '../project/put-back.ts'
import { bodyOf, editFrontMatter, printFrontMatter, readFrontMatter } from '../tasks/front-matter.ts'

export type Verdict = 'approved' | 'rejected'

export interface CycleFile {
  readonly wpId: string
  readonly number: number
  /** Absolute. */
  readonly path: string
}

export interface ReviewCycle extends CycleFile {
  readonly verdict: Verdict
  /** True when somebody put a rejected verdict aside, with name and reason. */
  readonly overridden: boolean
  readonly reviewer: string | null
  /** The text below the front matter. */
  readonly feedback: string
  readonly fields: JsonObject
  /** The whole file. */
  readonly text: string
}

export interface NewCycle {
  readonly number: number
  readonly missionSlug: string
  readonly wpId: string
  readonly verdict: Verdict
  readonly reviewer: string
  /** Time stamp of the log; written to the second. */
  readonly at: string
  readonly feedback: string
}

type Where = Pick<Ports, 'files' | 'yaml'>

/** Verdicts of the log. Later editions keep them there; their files of cycles have only the words. */
export type Verdicts = Pick<Reduction, 'verdicts'>

/**
 * The cycles of every work package, oldest first. They lie in `tasks/<WP>/` or `tasks/<WP>-<anything>/`: a renamed
 * work package file keeps its history.
 */
export function cyclesByWp(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir'>,
): ReadonlyMap<string, readonly CycleFile[]> {
  const { tasksDir } = missionPaths(mission)
  const { files } = ports
  const byWp = new Map<string, CycleFile[]>()
  for (const folder of files.list(tasksDir)) {
    const digits = /^WP(\d+)(?:[-_]|$)/i.exec(folder)?.[1]
    const wpId = idOf(digits ?? '')
    if (digits === undefined || folder.endsWith('.md')) continue
    const directory = join(tasksDir, folder)
    if (files.stat(directory)?.kind !== 'directory') continue
    const cycles = files.list(directory).flatMap(name => {
      const number = /^review-cycle-(\d+)\.md$/.exec(name)?.[1]
      return number === undefined ? [] : [{ wpId, number: Number(number), path: join(directory, name) }]
    })
    byWp.set(
      wpId,
      [...(byWp.get(wpId) ?? []), ...cycles].sort((a, b) => a.number - b.number),
    )
  }
  return byWp
}

/** The cycles of one work package, oldest first. */
export function listCycles(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir'>,
  wpId: string,
): readonly CycleFile[] {
  return cyclesByWp(ports, mission).get(wpId) ?? []
}

/** The newest cycle; undefined when there is none. Throws `file_malformed` when it has no readable verdict. */
export async function latestCycle(
  ports: Where,
  mission: Pick<Mission, 'dir'>,
  wpId: string,
  log: Verdicts,
): Promise<ReviewCycle | undefined> {
  const last = listCycles(ports, mission, wpId).at(-1)
  return last === undefined ? undefined : readCycle(ports, last, log)
}

/**
 * A cycle with the verdict of its file or, where that has none, of the log. Throws `file_malformed` with file and line,
 * or naming what the front matter lacks.
 */
export async function readCycle(
  ports: Where,
  { wpId, number, path }: CycleFile,
  log: Verdicts,
): Promise<ReviewCycle> {
  const text = ports.files.text(path) ?? ''
  const file = await readFrontMatter(ports, path, text)
  const { fields } = file
  const { verdict = verdictInLog(log, wpId, number) } = fields
  if (verdict !== 'approved' && verdict !== 'rejected') {
    const found = verdict === undefined ? 'it has no verdict' : `its verdict is ${JSON.stringify(verdict)}`
    throw new KittyError('file_malformed', `${path}: ${found}`, {
      hint: sh`Write "verdict: approved" or "verdict: rejected" into its front matter`,
      data: { path },
    })
  }
  const overridden =
    filled(fields.review_artifact_override_actor) && filled(fields.review_artifact_override_reason)
  const reviewer = filled(fields.reviewer_agent) ? String(fields.reviewer_agent) : null
  return { wpId, number, path, verdict, overridden, reviewer, feedback: bodyOf(file).trim(), fields, text }
}

/** The verdict that names this very cycle, else the last one; undefined where no transition carries any. */
function verdictInLog({ verdicts }: Verdicts, wpId: string, number: number): Verdict | undefined {
  const all = verdicts.get(wpKey(wpId)) ?? []
  const names = ({ reference, feedback_path: path }: JsonObject): boolean =>
    [reference, path].some(text => typeof text === 'string' && text.endsWith(`/review-cycle-${number}.md`))
  const last = all.findLast(names) ?? all.at(-1)
  if (typeof last?.verdict !== 'string') return undefined
  return last.verdict === 'approved' ? 'approved' : 'rejected'
}

/** The newest cycle speaks against the work package: rejected, and nobody put that aside. */
export function isRejected(cycle: ReviewCycle | undefined): boolean {
  return cycle !== undefined && cycle.verdict === 'rejected' && !cycle.overridden
}

/** `review-cycle://<slug>/<wp-stem>/review-cycle-N.md`: how events point at a cycle. */
export function cyclePointer(mission: Pick<Mission, 'slug'>, stem: string, number: number): string {
  return `review-cycle://${mission.slug}/${stem}/review-cycle-${number}.md`
}

/** Where the next cycle of a work package goes, absolute. */
export function cyclePath(mission: Pick<Mission, 'dir'>, stem: string, number: number): string {
  return join(missionPaths(mission).tasksDir, stem, `review-cycle-${number}.md`)
}

/** The file of the rejection that the log has last for a work package, where that is gone; relative to the checkout. */
export function lostCycle(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir' | 'rel'>,
  wpId: string,
  { verdicts }: Verdicts,
): string | undefined {
  const last = verdicts.get(wpKey(wpId))?.at(-1)
  if (last?.verdict === 'approved' || typeof last?.reference !== 'string') return undefined
  const [, folder, name] =
    /^review-cycle:\/\/[^/]+\/([\w-][\w.-]*)\/([\w-][\w.-]*)$/.exec(last.reference) ?? []
  if (folder === undefined || name === undefined) return undefined
  const there = listCycles(ports, mission, wpId).some(cycle => basename(cycle.path) === name)
  return there ? undefined : `${mission.rel}/tasks/${folder}/${name}`
}

/** What to say of it. */
export function cycleGone(wpId: string, path: string): { readonly message: string; readonly hint: Remedy } {
  return { message: `${wpId} was sent back with ${path}, which is gone`, hint: putBack(path) }
}

/** The text of a new cycle: sorted keys, as 3.2.0 writes and reads them. */
export function printCycle(cycle: NewCycle): string {
  return `---
affected_files: []
cycle_number: ${cycle.number}
mission_slug: ${cycle.missionSlug}
reproduction_command:
reviewed_at: '${toSeconds(cycle.at)}'
reviewer_agent: ${scalar(cycle.reviewer)}
verdict: ${cycle.verdict}
wp_id: ${cycle.wpId}
---

${cycle.feedback}${cycle.feedback.endsWith('\n') ? '' : '\n'}`
}

/** The text of a cycle with the override stamped into it: a rejected verdict is put aside, visibly. */
export async function overrideCycle(
  ports: Where,
  cycle: ReviewCycle,
  override: { readonly at: string; readonly actor: string; readonly wpId: string; readonly reason: string },
): Promise<string> {
  const file = await readFrontMatter(ports, cycle.path, cycle.text)
  const edited = await editFrontMatter(ports, file, {
    review_artifact_override_at: toSeconds(override.at),
    review_artifact_override_actor: override.actor,
    review_artifact_override_wp_id: override.wpId,
    review_artifact_override_reason: override.reason,
  })
  return printFrontMatter(edited)
}

function filled(value: Json | undefined): boolean {
  return typeof value === 'string' ? value.trim() !== '' : typeof value === 'number'
}

/** Plain where that is safe, else in double quotes. */
function scalar(text: string): string {
  return /^[A-Za-z](?:[\w .@/-]*[\w])?$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text)
}
