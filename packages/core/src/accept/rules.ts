/** What stands between a mission and its acceptance (docs/merge.md): facts in, one summary out. */
import type { AcceptSummary } from '@spec-kitty/contracts/cli/accept'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES, type Lane } from '@spec-kitty/contracts/lanes'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Reduction } from '../repo/log/reduce.ts'
import { isBookkeeping } from '../repo/mission/bookkeeping.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { isQuick } from '../repo/mission/types.ts'
import { parseTasks, withoutOpenBlock, wpSections } from '../repo/tasks/document.ts'
import { readCheckbox } from '../repo/tasks/rows.ts'
import { readRows } from '../repo/tasks/subtasks.ts'
import { wpKey } from '../text/wp-id.ts'
import type { StatusEntry } from '../world/ports.ts'
import { matrixIssues } from './matrix.ts'

export interface AcceptWorkPackage {
  readonly id: string
  readonly title: string
  readonly lane: Lane
  /** Relative to the checkout. */
  readonly path: string
  readonly agent: string | null
  readonly assignee: string | null
  readonly shellPid: string | null
}

export interface TestRun {
  readonly command: string
  /** Null: ended by the time limit. */
  readonly status: number | null
  readonly output: string
}

export interface AcceptFacts {
  readonly mission: Pick<Mission, 'slug' | 'dir' | 'rel' | 'number' | 'type' | 'targetBranch' | 'homeBranch'>
  readonly root: string
  readonly primary: string
  readonly checkout: string
  readonly branch: string | null
  readonly missionBranch: string
  /** The target branch that lanes.json names; undefined without lanes.json. */
  readonly lanesTarget: string | undefined
  readonly workPackages: readonly AcceptWorkPackage[]
  /** Text of each planning file, undefined where there is none. */
  readonly spec: string | undefined
  readonly plan: string | undefined
  readonly tasks: string | undefined
  /** What the log says of them. */
  readonly ticks: Reduction['ticks']
  /** Decision ids that are settled: their markers no longer ask anything. */
  readonly resolvedDecisions: ReadonlySet<string>
  readonly dirty: readonly StatusEntry[]
  /** True when bookkeeping is left uncommitted on purpose. */
  readonly uncommittedBookkeeping: boolean
  /** With the evidence of approvals and the checks of its invariants. */
  readonly matrix: JsonObject | undefined
  /** The file does not say all that yet. */
  readonly matrixChanged: boolean
  readonly missingFolders: readonly string[]
  readonly optionalMissing: readonly string[]
  readonly tests: readonly TestRun[]
  readonly lenient: boolean
}

/** Every problem at once, each failed check with its remedy; `ok` when there is none. */
export function summarize(facts: AcceptFacts): AcceptSummary {
  const { mission } = facts
  const found = findings(facts)
  const lists = detailsOf(found)
  const failed = FAILABLE.flatMap(check => failedCheck(check, found[check.bucket], facts))
  return {
    mission_slug: mission.slug,
    mission_number: mission.number,
    mission_type: mission.type,
    branch: facts.branch,
    repo_root: facts.root,
    feature_dir: mission.dir,
    tasks_dir: `${mission.dir}/tasks`,
    worktree_root: facts.checkout,
    primary_repo_root: facts.primary,
    lanes: byLane(facts.workPackages),
    work_packages: facts.workPackages.map(rowOf),
    ...lists,
    optional_missing: [...facts.optionalMissing],
    path_violations: facts.lenient ? [] : [...facts.missingFolders],
    warnings:
      facts.missingFolders.length === 0
        ? []
        : [
            `Usual in a ${mission.type} mission, not here (the merge may bring them): ${facts.missingFolders.join(' ')}`,
          ],
    failed_checks: failed,
    skipped_checks: facts.lenient ? LENIENT : [],
    blocked_checks: blockedChecks(facts),
    recommended_fix_order: FAILABLE.filter(check => lists[check.bucket].length > 0).map(check => check.todo),
    all_done: facts.workPackages.some(isFinished) && facts.workPackages.every(isSettled),
    ok: failed.length === 0,
  }
}

type Named = AcceptSummary['skipped_checks'][number]

const LENIENT: Named[] = [
  { check: 'metadata', detail: 'Who worked on each package: not asked for with --lenient' },
  { check: 'path_violations', detail: 'The usual folders: not looked for with --lenient' },
]

/** A package under the keys of 3.2.0 and under ours. */
function rowOf({ id, title, lane, path, agent, assignee, shellPid }: AcceptWorkPackage) {
  const who = { agent, assignee, shell_pid: shellPid }
  const latest = lane === 'genesis' ? null : lane
  return {
    ...{ id, work_package_id: id, title, lane, path },
    ...{ latest_lane: latest, has_lane_entry: latest !== null },
    ...{ metadata: { lane: latest, ...who }, ...who },
  }
}

/** Approved, or merged already. */
export function isFinished(wp: Pick<AcceptWorkPackage, 'lane'>): boolean {
  return wp.lane === 'approved' || wp.lane === 'done'
}

/** Nothing more is to come of it: finished, or given up, as the merge sees it too. */
export function isSettled(wp: Pick<AcceptWorkPackage, 'lane'>): boolean {
  return isFinished(wp) || wp.lane === 'canceled'
}

/** What is wrong in one place, as the answer tells it. */
interface Found {
  readonly detail: string
  /** Where there is a better one than the remedy of its check. */
  readonly fix?: Remedy | undefined
}

type Bucket =
  | 'metadata_issues'
  | 'activity_issues'
  | 'unchecked_tasks'
  | 'needs_clarification'
  | 'missing_artifacts'
  | 'git_dirty'

function detailsOf(found: Readonly<Record<Bucket, readonly Found[]>>): Record<Bucket, string[]> {
  const of = (bucket: Bucket) => found[bucket].map(({ detail }) => detail)
  return {
    metadata_issues: of('metadata_issues'),
    activity_issues: of('activity_issues'),
    unchecked_tasks: of('unchecked_tasks'),
    needs_clarification: of('needs_clarification'),
    missing_artifacts: of('missing_artifacts'),
    git_dirty: of('git_dirty'),
  }
}

interface Check {
  /** As the answer names it; the lists have longer names. */
  readonly check: string
  readonly bucket: Bucket
  readonly todo: string
  readonly remedy: (facts: AcceptFacts) => Remedy
}

/** In the order in which they are best mended. */
const FAILABLE: readonly Check[] = [
  {
    check: 'missing_artifacts',
    bucket: 'missing_artifacts',
    todo: 'Write the documents that are missing.',
    remedy: facts =>
      sh`Write it, then: spec-kitty agent mission finalize-tasks --mission ${facts.mission.slug}`,
  },
  {
    check: 'needs_clarification',
    bucket: 'needs_clarification',
    todo: 'Answer the open questions.',
    remedy: () => sh`Answer it in the file and remove the marker`,
  },
  {
    check: 'unchecked_tasks',
    bucket: 'unchecked_tasks',
    todo: 'Finish and tick the open tasks.',
    remedy: facts =>
      sh`Tick them when they are done: spec-kitty agent tasks mark-status T001 --status done --mission ${facts.mission.slug}`,
  },
  {
    check: 'metadata',
    bucket: 'metadata_issues',
    todo: 'Say who worked on each package, or accept with --lenient.',
    remedy: () => sh`Start work with spec-kitty agent action implement, or accept with --lenient`,
  },
  {
    check: 'activity',
    bucket: 'activity_issues',
    todo: 'Approve all packages, prove all criteria, and stand on the branch of the mission.',
    remedy: facts => sh`spec-kitty agent tasks status --mission ${facts.mission.slug}`,
  },
  {
    check: 'git_dirty',
    bucket: 'git_dirty',
    todo: 'Commit or remove what has changed in the working tree.',
    remedy: () => sh`Commit or remove these files: git status`,
  },
]

function failedCheck(
  check: Check,
  found: readonly Found[],
  facts: AcceptFacts,
): AcceptSummary['failed_checks'] {
  return found.map(({ detail, fix }) => ({ check: check.check, detail, remedy: fix ?? check.remedy(facts) }))
}

function laneRemedy(wp: string, lane: Lane, slug: string): Remedy {
  switch (lane) {
    case 'genesis':
      return sh`spec-kitty agent mission finalize-tasks --mission ${slug}`
    case 'planned':
    case 'claimed':
    case 'blocked':
      return sh`spec-kitty agent action implement ${wp} --mission ${slug} --agent NAME`
    case 'in_progress':
      return sh`spec-kitty agent tasks move-task ${wp} --mission ${slug} --to for_review`
    case 'for_review':
      return sh`spec-kitty agent action review ${wp} --mission ${slug} --agent NAME`
    default:
      return sh`See who reviews it: spec-kitty show ${wp} --mission ${slug}`
  }
}

function findings(facts: AcceptFacts): Record<Bucket, readonly Found[]> {
  const told = (details: readonly string[]): readonly Found[] => details.map(detail => ({ detail }))
  return {
    metadata_issues: facts.lenient
      ? []
      : told(facts.workPackages.filter(wp => wp.lane !== 'canceled').flatMap(metadataIssues)),
    activity_issues: activityIssues(facts),
    unchecked_tasks: openRows(facts.tasks ?? '', givenUp(facts), facts.ticks).map(row =>
      openTask(row, facts),
    ),
    needs_clarification: told([
      ...markers('spec.md', facts.spec, facts.resolvedDecisions),
      ...markers('plan.md', facts.plan, facts.resolvedDecisions),
    ]),
    missing_artifacts: told(
      (['spec', 'plan', 'tasks'] as const)
        .filter(name => facts[name] === undefined && !isQuick(facts.mission))
        .map(name => `${name}.md`),
    ),
    git_dirty: told(
      facts.dirty.filter(entry => isDirt(entry.path, facts)).map(entry => `${entry.code} ${entry.path}`),
    ),
  }
}

function openTask(detail: string, { mission }: AcceptFacts): Found {
  const task = readCheckbox(detail)?.id
  if (task === undefined) return { detail }
  return {
    detail,
    fix: sh`Tick it when it is done: spec-kitty agent tasks mark-status ${task} --status done --mission ${mission.slug}`,
  }
}

function metadataIssues(wp: AcceptWorkPackage): readonly string[] {
  const issues: string[] = []
  if (wp.agent === null) issues.push(`${wp.id}: missing agent in frontmatter`)
  if (wp.shellPid === null) issues.push(`${wp.id}: missing shell_pid in frontmatter`)
  return issues
}

function activityIssues(facts: AcceptFacts): readonly Found[] {
  const { mission, workPackages, matrix, tests } = facts
  const open = workPackages
    .filter(wp => !isSettled(wp))
    .map(({ id, lane }) => ({
      detail: `${id}: canonical lane is '${lane}', expected 'approved' or 'done'`,
      fix: laneRemedy(id, lane, mission.slug),
    }))
  const evidence = sh`Record the evidence in ${`${mission.rel}/acceptance-matrix.json`} (pass_fail, evidence, verified_by, verified_at) and commit it`
  return [
    ...open,
    ...(workPackages.length === 0 ? [{ detail: 'The mission has no work packages' }] : []),
    ...(workPackages.length > 0 && workPackages.every(wp => wp.lane === 'canceled')
      ? [{ detail: 'All work packages were canceled' }]
      : []),
    ...blocked(facts),
    ...(matrix === undefined ? [] : matrixIssues(matrix).map(detail => ({ detail, fix: evidence }))),
    ...tests.filter(test => test.status !== 0).map(failedTest),
  ]
}

function failedTest({ command, status }: TestRun): Found {
  const how = status === null ? 'did not end in time' : `exited with ${status}`
  return {
    detail: `Test '${command}' ${how}`,
    fix: sh`Make the command pass, or leave it out of --test`,
  }
}

function blockedChecks(facts: AcceptFacts): Named[] {
  return blocked(facts).map(({ check, detail }) => ({ check, detail }))
}

/** What keeps other checks from being made. */
function blocked(facts: AcceptFacts): readonly (Named & Found)[] {
  const { mission, branch, lanesTarget, missionBranch, matrix } = facts
  const { targetBranch: target, homeBranch: home, slug } = mission
  const found: (Named & Found)[] = []
  if (lanesTarget !== undefined && lanesTarget !== target) {
    const detail = `Target branch differs: meta.json says '${target}', lanes.json says '${lanesTarget}'`
    found.push({ check: 'mission_branch', detail })
  }
  if (branch !== home && branch !== missionBranch) {
    const detail = `Branch '${branch ?? '(detached)'}' is checked out, expected '${home}' or '${missionBranch}'`
    found.push({ check: 'mission_branch', detail, fix: sh`git switch ${home}` })
  }
  if (matrix === undefined && !isQuick(mission)) {
    const detail = 'Acceptance matrix is missing: acceptance-matrix.json'
    const fix = sh`spec-kitty agent mission finalize-tasks --mission ${slug}`
    found.push({ check: 'acceptance_matrix', detail, fix })
  }
  return found
}

function byLane(workPackages: readonly AcceptWorkPackage[]): Record<string, string[]> {
  const lanes: Record<string, string[]> = Object.fromEntries(DISPLAY_LANES.map(lane => [lane, []]))
  for (const wp of workPackages) lanes[wp.lane] = [...(lanes[wp.lane] ?? []), wp.id]
  return lanes
}

function givenUp(facts: AcceptFacts): ReadonlySet<string> {
  return new Set(facts.workPackages.filter(wp => wp.lane === 'canceled').map(wp => wp.id))
}

/**
 * Unticked boxes, in rows of tables as well, outside code and outside the sections of `skipped` work packages, less those that are
 * ticked in the log, where later editions keep ticks.
 */
export function openRows(
  tasks: string,
  skipped: ReadonlySet<string>,
  ticks: Reduction['ticks'] = new Map(),
): string[] {
  const document = withoutOpenBlock(parseTasks(tasks))
  const keys = new Set([...skipped].map(wpKey))
  const inLog = new Map([...ticks].map(([wp, mine]) => [wpKey(wp), mine]))
  const sections = wpSections(document)
  return [...readRows(document)].flatMap(([i, box]) => {
    if (box.done) return []
    const owners = sections.filter(({ start, end }) => start <= i && i < end).map(({ wp }) => wpKey(wp))
    const settled = (key: string) => keys.has(key) || inLog.get(key)?.get(box.id ?? '') === 'done'
    return owners.some(settled) ? [] : [box.row]
  })
}

function markers(file: string, text: string | undefined, resolved: ReadonlySet<string>): string[] {
  return prose(text ?? '').flatMap(line =>
    [
      ...line.text.matchAll(
        /\[NEEDS CLARIFICATION[^\]]{0,2000}\](?:\s{0,99}<!--\s{0,99}decision_id:\s{0,99}(\w{1,99})\s{0,99}-->)?/g,
      ),
    ]
      .filter(match => match[1] === undefined || !resolved.has(match[1]))
      .map(match => `${file}:${line.number}: ${match[0]}`),
  )
}

/** The lines outside code fences, numbered from 1. */
function prose(text: string): readonly { readonly text: string; readonly number: number }[] {
  return parseTasks(text).lines.flatMap((line, i) =>
    line.hidden ? [] : [{ text: line.text, number: i + 1 }],
  )
}

/** What accept writes itself, and what is derived, is no dirt; nor is bookkeeping that is left uncommitted. */
function isDirt(path: string, facts: AcceptFacts): boolean {
  if (path.startsWith('.worktrees/') || path.startsWith('.kittify/workspaces/')) return false
  const own = path.startsWith(`${facts.mission.rel}/`) ? path.slice(facts.mission.rel.length + 1) : undefined
  if (own === undefined) return true
  if (own === 'acceptance-matrix.json' || own === 'status.json') return false
  return !(facts.uncommittedBookkeeping && isBookkeeping(facts.mission, path))
}
