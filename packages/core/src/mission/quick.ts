/**
 * The short way (ADR 0025): one work package, one file that says what is wanted, worked on in the checkout, on the
 * mission's own branch. Log, review and merge are those of every mission; `promote.ts` makes a full one of it.
 */
import type { Quick } from '@spec-kitty/contracts/cli/quick'
import { KittyError } from '@spec-kitty/contracts/errors'
import { printSorted } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { startWork } from '../lanes/implement.ts'
import { computeLanes } from '../repo/lanes/compute.ts'
import { printLanes } from '../repo/lanes/manifest.ts'
import { missionBranch } from '../repo/lanes/names.ts'
import { drawStamps, newStatus } from '../repo/log/emit.ts'
import { lifecycleRow, missionFact } from '../repo/log/lifecycle-rows.ts'
import { planWalk } from '../repo/log/transition.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { besideTarget } from '../repo/mission/landing.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { QUICK_TYPE } from '../repo/mission/types.ts'
import { landsByForge } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import { slugify } from '../text/slug.ts'
import { type Change, rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { type Decision, writeProject } from '../write/write.ts'
import { createdPayload, freeId, newMission, slugOf } from './create.ts'
import { type Branches, chooseBranches, chooseTarget } from './home.ts'

export interface QuickInput {
  /** What is wanted, in one sentence. */
  readonly title: string
  readonly agent?: string | undefined
  /** A worktree of its own instead of the checkout. */
  readonly worktree?: boolean | undefined
  readonly autoCommit?: boolean | undefined
}

const WP = 'WP01'

const shortName = (title: string): string => slugify(title, 40) || 'quick'

/**
 * Makes the mission and begins its work package: two commits. Throws `invalid_input` (no title), `detached_head`,
 * `not_ready` (no commit yet), and what `implement` throws.
 */
export async function quick(ports: Ports, input: QuickInput): Promise<Quick> {
  const title = input.title.trim().replace(/\s+/g, ' ')
  if (title === '') {
    throw new KittyError('invalid_input', 'Say what is to be done', {
      hint: sh`spec-kitty quick "fix the typo in the README"`,
    })
  }
  const worktree = input.worktree === true
  const { mission, byForge } = await writeProject(ports, input, async scene => {
    const { project } = scene
    const here = requireCommit(ports, project)
    const id = freeId(ports.ids.ulid(), await takenNames(ports, project))
    const human = shortName(title)
    // In the checkout the bookkeeping goes to the mission's own branch, with the work.
    const branches: Branches = worktree
      ? chooseBranches(ports, scene, input, () => slugOf(human, id))
      : { target: chooseTarget(ports, scene, {}, here), home: undefined, changes: [] }
    const made = newMission(project, {
      id,
      created: ports.clock.now(),
      ...branches,
      type: QUICK_TYPE,
      human,
      friendly: title,
      tldr: title,
      context: title,
    })
    const start: readonly Change[] = worktree
      ? branches.changes
      : [{ kind: 'switch_branch', checkout: project.top, branch: missionBranch(made) }]
    return {
      ...planQuick(ports, made, title, worktree, start),
      answer: { mission: made, byForge: landsByForge(ports, scene.config, made) },
    }
  })
  const { agent, autoCommit } = input
  const { answer, wp, workspaceDir } = await startWork(ports, {
    wpId: WP,
    mission: mission.slug,
    agent,
    autoCommit,
  })
  return {
    result: 'success',
    mission_slug: mission.slug,
    mission_id: mission.id ?? '',
    wp_id: WP,
    target_branch: mission.targetBranch,
    branch: answer.branch,
    mode: worktree ? 'worktree' : 'branch',
    workspace_path: workspaceDir,
    wp_file: wp.path,
    next: nextSteps(
      mission,
      title,
      worktree ? workspaceDir : undefined,
      await lastStep(ports, mission, byForge),
    ),
  }
}

/** The branch at hand; there must be something to merge into. */
function requireCommit(ports: Ports, project: Project): string {
  const { branch, sha } = ports.git.head(project.top)
  if (branch === null) {
    throw new KittyError('detached_head', 'Must be on a branch: that is where the work will be merged', {
      hint: sh`git switch main`,
    })
  }
  if (sha !== null) return branch
  throw new KittyError('not_ready', `Branch '${branch}' has no commit yet: there is nothing to merge into`, {
    hint: sh`git commit --allow-empty -m "Begin"`,
  })
}

/** Missions of this checkout, and those that have only a branch yet. */
async function takenNames(ports: Ports, project: Project): Promise<readonly string[]> {
  const refs = await ports.git.refs(project.top, ['refs/heads/kitty/'])
  return [...ports.files.list(join(project.root, 'kitty-specs')), ...refs.keys()]
}

function planQuick(
  ports: Ports,
  mission: Mission,
  title: string,
  worktree: boolean,
  start: readonly Change[],
): Omit<Decision<unknown>, 'answer' | 'committed'> {
  const paths = missionPaths(mission)
  const branch = missionBranch(mission)
  const status = newStatus(mission)
  const [first, ...stamps] = drawStamps(ports, status, 2)
  const scope = { id: WP, planning: !worktree, owned: worktree ? ['**'] : [], dependencies: [], text: '' }
  const head = { slug: mission.slug, id: mission.id, branch, target: mission.targetBranch }
  const files: readonly (readonly [string, string])[] = [
    [paths.meta, printSorted(mission.meta)],
    [paths.lanes, printLanes(computeLanes(head, [scope], first.at))],
    [join(paths.tasksDir, `${WP}-${shortName(title)}.md`), workPackageText(title, worktree)],
  ]
  const created = missionFact(mission.id ?? mission.slug, 'MissionCreated', () => createdPayload(mission, 1))
  const planned = planWalk(
    mission,
    { lane: 'genesis', holder: null },
    [{ wpId: WP, to: 'planned', actor: 'quick', reason: 'quick', executionMode: modeOf(worktree) }],
    stamps,
  )
  return {
    files: [...start, ...files.flatMap(([path, content]) => rewrite(path, undefined, content))],
    status,
    events: [lifecycleRow(created, first), ...planned],
    message: `Begin ${mission.slug}: ${title}`,
  }
}

function modeOf(worktree: boolean): 'worktree' | 'direct_repo' {
  return worktree ? 'worktree' : 'direct_repo'
}

/** The one file. Both editions read it as any work package; who works on it and where is added when it begins. */
function workPackageText(title: string, worktree: boolean): string {
  return `---
work_package_id: ${WP}
title: ${JSON.stringify(title)}
dependencies: []
subtasks: []
execution_mode: ${worktree ? 'code_change' : 'planning_artifact'}
${worktree ? 'owned_files:\n- "**"' : 'owned_files: []'}
history: []
---

# ${WP}: ${title}

${title}

## Activity Log
`
}

/** How it reaches its target: where that takes no commits, by a pull request, and without a remote on a branch beside it. */
async function lastStep(ports: Pick<Ports, 'git'>, mission: Mission, byForge: boolean): Promise<Remedy> {
  const on = ['--mission', mission.slug]
  if (!byForge) return sh`spec-kitty merge ${on}`
  const settings = await ports.git.settings(mission.dir)
  const remote = [...settings.keys()].some(key => key.startsWith('remote.') && key.endsWith('.url'))
  return remote ? sh`spec-kitty merge ${['--pr', ...on]}` : besideTarget(mission, mission.targetBranch)
}

function nextSteps({ slug }: Mission, title: string, directory: string | undefined, last: Remedy): string[] {
  const git = directory === undefined ? ['git'] : ['git', '-C', directory]
  const on = ['--mission', slug]
  return [
    sh`${git} add -- FILES`,
    sh`${git} commit -m ${title}`,
    sh`spec-kitty agent tasks move-task ${WP} --to for_review ${on}`,
    sh`spec-kitty agent action review ${WP} --agent NAME ${on}`,
    sh`spec-kitty approve ${WP} --agent NAME ${on}`,
    last,
  ]
}
