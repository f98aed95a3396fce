/**
 * `verify`: the check for a build server. It judges what the branch brings by its files alone, in whatever checkout there
 * is: detached, shallow, the merge commit of a pull request, without lanes. Reads only; three git processes.
 */
import type { DoctorFinding } from '@spec-kitty/contracts/cli/doctor'
import type { Verify } from '@spec-kitty/contracts/cli/verify'
import { KittyError, unlessRefusedLater } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import { sh } from '@spec-kitty/contracts/sh'
import { identityFindings } from '../doctor/identity.ts'
import { missionFindings } from '../doctor/missions.ts'
import { doctorRow, inOrder, refused } from '../repo/finding.ts'
import { isActive, listMissions, type Mission, resolveMission } from '../repo/mission/handle.ts'
import { landingBranch } from '../repo/mission/landing.ts'
import { type ProjectConfig, readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { isBranchName } from '../text/branch-name.ts'
import type { Ports } from '../world/ports.ts'
import { findingsMarkdown, missionMarkdown } from './markdown.ts'
import { readBoard } from './overview.ts'

export interface VerifyInput {
  readonly version: string
  readonly mission?: string | undefined
  /** What the branch is compared with; found out when left out. */
  readonly base?: string | undefined
  /** The checkout is made for this check: what only a developer's clone has is not missed. */
  readonly ci?: boolean | undefined
}

/** What forges tell their jobs: the branch that a pull request goes to, and the one that it comes from. */
const TARGETS = ['GITHUB_BASE_REF', 'CI_MERGE_REQUEST_TARGET_BRANCH_NAME', 'BITBUCKET_PR_DESTINATION_BRANCH']
const SOURCES = ['GITHUB_HEAD_REF', 'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', 'BITBUCKET_BRANCH']

/** Findings about branches, worktrees and caches of one clone. */
const LOCAL: ReadonlySet<string> = new Set([
  'target_branch_missing',
  'mission_branch_missing',
  'lane_branch_missing',
  'worktree_missing',
  'derived_view_drift',
  'stale_claim',
])

/** Throws what naming a mission throws, `no_project`, and `invalid_input` for a base that is not here. */
export async function verify(ports: Ports, input: VerifyInput): Promise<Verify> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const named = input.mission === undefined ? undefined : resolveMission(ports, project, input.mission)
  const { commit: base, whole } = await baseOf(ports, project, input.base)
  const changed = base === null ? undefined : await changedMissions(ports, project, base)
  const all = listMissions(ports, project)
  const missions = named === undefined ? choose(ports, project, all, changed, whole) : [named]
  const config = await readable(() => readConfig(ports, project))
  const findings = [
    ...(config instanceof KittyError
      ? [doctorRow(refused({ code: 'config_malformed', path: '.kittify/config.yaml' }, config))]
      : []),
    ...(await problemsOf(ports, project, all, missions, input.ci === true)),
  ]
  const rows = await Promise.all(
    missions.map(async mission => ({
      mission_slug: mission.slug,
      changed: changed?.has(mission.slug) ?? null,
      board: config instanceof KittyError ? null : await boardOf(ports, project, mission, config),
    })),
  )
  const sorted = inOrder(findings)
  return {
    ok: sorted.every(({ severity }) => severity !== 'error'),
    spec_kitty_version: input.version,
    base,
    missions: rows,
    findings: sorted,
    markdown: [...rows.map(missionMarkdown), findingsMarkdown(rows.length, sorted)].join('\n\n'),
  }
}

interface Base {
  readonly commit: Sha | null
  /** Everything that the branch changes came after it. */
  readonly whole: boolean
}

/**
 * The commit that the branch is compared with: of a merge made for the check its first parent, of the target itself the
 * commit before, else where the branch left its target. A shallow clone may know none of them, or only the commit before.
 */
async function baseOf(ports: Ports, { top }: Project, named: string | undefined): Promise<Base> {
  const head = ports.git.head(top)
  const told = TARGETS.map(name => ports.env.get(name) ?? '').find(isBranchName)
  const targets = told === undefined ? ['origin/HEAD'] : [`refs/remotes/origin/${told}`, `refs/heads/${told}`]
  const found = await ports.git.resolve(top, [
    'HEAD^1',
    'HEAD^2',
    ...(named === undefined ? targets : [named]),
  ])
  const [first = null, second = null, ...others] = found
  const target = others.find(sha => sha !== null) ?? null
  if (named !== undefined && target === null)
    throw new KittyError('invalid_input', `There is no commit ${named} here`, {
      hint: sh`Fetch it first (git -C ${top} fetch origin), or leave --base out`,
    })
  if (named === undefined && head.branch === null && second !== null) return { commit: first, whole: true }
  if (target === null || head.sha === null) return { commit: first, whole: false }
  const commit = (await ports.git.mergeBase(top, target, head.sha)) ?? target
  return { commit: commit === head.sha && named === undefined ? first : commit, whole: true }
}

async function changedMissions(
  ports: Ports,
  { root, top }: Project,
  base: Sha,
): Promise<ReadonlySet<string>> {
  const specs = `${root}/kitty-specs/`.slice(top.length + 1)
  const paths = await ports.git.changedPaths(top, base, 'HEAD')
  return new Set(
    paths.flatMap(path => (path.startsWith(specs) ? [path.slice(specs.length).split('/')[0] ?? ''] : [])),
  )
}

/** Those that the branch changes; where nobody knows all of them, also the open ones and the one that the branch is named after. */
function choose(
  ports: Pick<Ports, 'env' | 'git'>,
  { top }: Project,
  all: readonly Mission[],
  changed: ReadonlySet<string> | undefined,
  whole: boolean,
): readonly Mission[] {
  if (changed !== undefined && whole) return all.filter(({ slug }) => changed.has(slug))
  const branches = [ports.git.head(top).branch, ...SOURCES.map(name => ports.env.get(name))]
  return all.filter(
    mission =>
      isActive(mission) ||
      changed?.has(mission.slug) === true ||
      branches.includes(landingBranch(mission)) ||
      branches.includes(String(mission.meta.home_branch)),
  )
}

async function problemsOf(
  ports: Ports,
  project: Project,
  all: readonly Mission[],
  missions: readonly Mission[],
  ci: boolean,
): Promise<readonly DoctorFinding[]> {
  const slugs = new Set(missions.map(({ slug }) => slug))
  const now = ports.clock.now()
  const state = await Promise.all(missions.map(mission => missionFindings(ports, project, mission, now)))
  const identity = identityFindings(ports, all).filter(({ mission, path }) =>
    mission === undefined ? missions.some(({ rel }) => path?.startsWith(`${rel}/`)) : slugs.has(mission),
  )
  return (
    [...identity, ...state.flat()]
      .map(doctorRow)
      .filter(({ code }) => !(ci && LOCAL.has(code)))
      // Here it is mended with the next command; on a branch it is what everybody else gets.
      .map(finding =>
        finding.code === 'snapshot_drift' ? { ...finding, severity: 'error' as const } : finding,
      )
      .concat(twins(all, slugs))
  )
}

/** Landings number themselves against the target: a number that somebody else has by now is mended by the next push. */
function twins(all: readonly Mission[], slugs: ReadonlySet<string>): readonly DoctorFinding[] {
  return all
    .filter(({ slug, number }) => slugs.has(slug) && number !== null)
    .flatMap(({ slug, number, rel }) => {
      const other = all.find(one => one.number === number && one.slug !== slug && !slugs.has(one.slug))
      if (other === undefined) return []
      return [
        {
          code: 'number_taken',
          severity: 'error' as const,
          path: `${rel}/meta.json`,
          message: `${slug} has number ${number}, which ${other.slug} has already`,
          fix: sh`spec-kitty merge --pr --mission ${slug}`,
        },
      ]
    })
}

async function boardOf(ports: Ports, project: Project, mission: Mission, config: ProjectConfig) {
  const board = await readable(() => readBoard(ports, project, mission, { config }))
  return board instanceof KittyError ? null : board
}

/** What is wrong with a file is part of the answer. */
async function readable<T>(read: () => Promise<T>): Promise<T | KittyError> {
  return await unlessRefusedLater(read, refusal => refusal)
}
