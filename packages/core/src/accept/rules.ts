/** What stands between a mission and its acceptance (docs/merge.md): facts in, one summary out. */
import type { AcceptSummary } from '@spec-kitty/contracts/cli/accept'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES, type Lane } from '@spec-kitty/contracts/lanes'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Reduction } from '../repo/log/reduce.ts'
import { isBookkeeping } from '../repo/mission/bookkeeping.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { isQuick } from '../repo/mission/types.ts'
import { parseTasks, wpSections } from '../repo/tasks/document.ts'
import { readCheckbox } from '../repo/tasks/rows.ts'
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
  const lists = findings(facts)
  const failed = FAILABLE.flatMap(check => failedCheck(check, lists[check.bucket], facts))
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

interface Buckets {
  readonly metadata_issues: string[]
  readonly activity_issues: string[]
  readonly unchecked_tasks: string[]
  readonly needs_clarification: string[]
  readonly missing_artifacts: string[]
  readonly git_dirty: string[]
}

interface Check {
  /** As the answer names it; the lists have longer names. */
  readonly check: string
  readonly bucket: keyof Buckets
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
  details: readonly string[],
  facts: AcceptFacts,
): AcceptSummary['failed_checks'] {
  return details.map(detail => ({
    check: check.check,
    detail,
    remedy: specificRemedy(detail, facts) ?? check.remedy(facts),
  }))
}

/** The remedy of a line that has a better one than its bucket. */
function specificRemedy(detail: string, facts: AcceptFacts): string | undefined {
  const { slug } = facts.mission
  const wp = /^(WP\d+): canonical lane is '(\w+)'/.exec(detail)
  if (wp !== null) return laneRemedy(String(wp[1]), String(wp[2]), slug)
  const task = readCheckbox(detail)?.id
  if (task !== undefined)
    return sh`spec-kitty agent tasks mark-status ${task} --status done --mission ${slug}`
  if (detail.startsWith('Branch ')) return sh`git switch ${facts.mission.homeBranch}`
  if (detail.startsWith('Acceptance matrix is missing'))
    return sh`spec-kitty agent mission finalize-tasks --mission ${slug}`
  if (/^(Acceptance matrix|Evidence)/.test(detail)) {
    return `Record the evidence in ${facts.mission.rel}/acceptance-matrix.json (pass_fail, evidence, verified_by, verified_at) and commit it`
  }
  if (detail.startsWith('Test ')) return 'Make the command pass, or leave it out of --test'
  return undefined
}

function laneRemedy(wp: string, lane: string, slug: string): string {
  const move = sh`spec-kitty agent tasks move-task ${wp} --mission ${slug}`
  switch (lane) {
    case 'genesis':
      return sh`spec-kitty agent mission finalize-tasks --mission ${slug}`
    case 'planned':
    case 'claimed':
    case 'blocked':
      return sh`spec-kitty agent action implement ${wp} --mission ${slug} --agent NAME`
    case 'in_progress':
      return `${move} --to for_review`
    case 'for_review':
      return sh`spec-kitty agent action review ${wp} --mission ${slug} --agent NAME`
    default:
      return sh`See who reviews it: spec-kitty show ${wp} --mission ${slug}`
  }
}

function findings(facts: AcceptFacts): Buckets {
  return {
    metadata_issues: facts.lenient
      ? []
      : facts.workPackages.filter(wp => wp.lane !== 'canceled').flatMap(metadataIssues),
    activity_issues: activityIssues(facts),
    unchecked_tasks: openRows(facts.tasks ?? '', givenUp(facts), facts.ticks),
    needs_clarification: [
      ...markers('spec.md', facts.spec, facts.resolvedDecisions),
      ...markers('plan.md', facts.plan, facts.resolvedDecisions),
    ],
    missing_artifacts: (['spec', 'plan', 'tasks'] as const)
      .filter(name => facts[name] === undefined && !isQuick(facts.mission))
      .map(name => `${name}.md`),
    git_dirty: facts.dirty
      .filter(entry => isDirt(entry.path, facts))
      .map(entry => `${entry.code} ${entry.path}`),
  }
}

function metadataIssues(wp: AcceptWorkPackage): readonly string[] {
  const issues: string[] = []
  if (wp.agent === null) issues.push(`${wp.id}: missing agent in frontmatter`)
  if (wp.shellPid === null) issues.push(`${wp.id}: missing shell_pid in frontmatter`)
  return issues
}

function activityIssues(facts: AcceptFacts): string[] {
  const issues = facts.workPackages
    .filter(wp => !isSettled(wp))
    .map(wp => `${wp.id}: canonical lane is '${wp.lane}', expected 'approved' or 'done'`)
  if (facts.workPackages.length === 0) issues.push('The mission has no work packages')
  else if (facts.workPackages.every(wp => wp.lane === 'canceled'))
    issues.push('All work packages were canceled')
  issues.push(...blockedChecks(facts).map(blocked => blocked.detail))
  if (facts.matrix !== undefined) issues.push(...matrixIssues(facts.matrix))
  for (const run of facts.tests.filter(test => test.status !== 0)) {
    issues.push(
      `Test '${run.command}' ${run.status === null ? 'did not end in time' : `exited with ${run.status}`}`,
    )
  }
  return issues
}

/** What keeps other checks from being made. */
function blockedChecks(facts: AcceptFacts): Named[] {
  const { mission, branch, lanesTarget, missionBranch, matrix } = facts
  const details: Named[] = []
  const { targetBranch: target, homeBranch: home } = mission
  const say = (check: string, detail: string) => details.push({ check, detail })
  if (lanesTarget !== undefined && lanesTarget !== target)
    say(
      'mission_branch',
      `Target branch differs: meta.json says '${target}', lanes.json says '${lanesTarget}'`,
    )
  if (branch !== home && branch !== missionBranch)
    say(
      'mission_branch',
      `Branch '${branch ?? '(detached)'}' is checked out, expected '${home}' or '${missionBranch}'`,
    )
  if (matrix === undefined && !isQuick(mission))
    say('acceptance_matrix', 'Acceptance matrix is missing: acceptance-matrix.json')
  return details
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
 * Unticked checkboxes outside code fences and outside the sections of `skipped` work packages, less those that are
 * ticked in the log, where later editions keep ticks.
 */
export function openRows(
  tasks: string,
  skipped: ReadonlySet<string>,
  ticks: Reduction['ticks'] = new Map(),
): string[] {
  const document = parseTasks(tasks)
  const keys = new Set([...skipped].map(wpKey))
  const inLog = new Map([...ticks].map(([wp, mine]) => [wpKey(wp), mine]))
  const sections = wpSections(document)
  return document.lines.flatMap((line, i) => {
    const box = line.hidden ? undefined : readCheckbox(line.text)
    if (box?.state !== 'pending') return []
    const owners = sections.filter(({ start, end }) => start <= i && i < end).map(({ wp }) => wpKey(wp))
    const settled = (key: string) => keys.has(key) || inLog.get(key)?.get(box.id ?? '') === 'done'
    return owners.some(settled) ? [] : [line.text.trim()]
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
