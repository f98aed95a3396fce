/**
 * Where the work of a lane may be whose branch is gone. Every witness that git has is asked before anything counts as
 * lost: branches of remotes, the head that an approval names, our own backups, and commits that nothing leads to.
 */
import type { ExecutionLane } from '@spec-kitty/contracts/files/lanes-json'
import type { MergeOptions } from '@spec-kitty/contracts/files/merge-state'
import type { Sha } from '@spec-kitty/contracts/ids'
import picomatch from 'picomatch'
import { WITNESSES } from '../repo/lanes/lost.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { Project } from '../repo/project/locate.ts'
import { remoteRevision, revision } from '../repo/project/revision.ts'
import { wasCalled } from '../repo/project/successor.ts'
import type { Objects, Ports } from '../world/ports.ts'
import { closure, type Graph, standsOn } from './graph.ts'

export interface Trace {
  readonly kind: 'remote' | 'approval' | 'backup' | 'branch' | 'lost'
  /** What `git branch NAME …` takes: a branch of a remote, or a commit. */
  readonly start: string
}

/** A lane whose branch is gone. */
interface LostLane {
  readonly id: string
  readonly branch: string
  readonly approvedHead: Sha | undefined
}

interface Request {
  readonly project: Project
  readonly mission: Mission
  readonly objects: Objects
  readonly lanes: readonly ExecutionLane[]
  readonly base: Sha | null
  readonly options: Pick<MergeOptions, 'target'>
}

/** Traces of each lane, best first. One process for references; two more where they name nothing. */
export async function findLost(
  ports: Pick<Ports, 'git' | 'files'>,
  request: Request,
  lanes: readonly LostLane[],
): Promise<ReadonlyMap<string, readonly Trace[]>> {
  const { project, objects } = request
  const refs = await ports.git.refs(project.top, WITNESSES)
  const found = new Map<string, readonly Trace[]>()
  for (const lane of lanes) {
    const remotes = [...refs.keys()]
      .filter(ref => ref.startsWith('refs/remotes/') && ref.endsWith(`/${lane.branch}`))
      .map(ref => ref.slice('refs/remotes/'.length))
      .map((name): Trace => ({ kind: 'remote', start: remoteRevision(ports.git, project.top, name) }))
    const approved = lane.approvedHead
    const there = approved !== undefined && (await exists(objects, approved))
    // Names of backups begin with a time: the last one sorts last.
    const backups = [...refs]
      .filter(([ref]) => keeps(ref, lane.branch))
      .toSorted(([a], [b]) => (a < b ? 1 : -1))
      .map(([, sha]): Trace => ({ kind: 'backup', start: sha }))
    found.set(lane.id, [
      ...(there ? [{ kind: 'approval', start: approved } as const] : []),
      ...remotes,
      ...backups,
    ])
  }
  const without = lanes.filter(lane => found.get(lane.id)?.length === 0)
  if (without.length === 0) return found
  const [stray, others] = await Promise.all([
    strayCommits(ports, request, refs),
    otherBranches(request, refs),
  ])
  for (const lane of without) {
    const scope = request.lanes.find(item => item.lane_id === lane.id)?.write_scope ?? []
    const matches = picomatch([...scope], { dot: true })
    const named = others.filter(
      ({ name, paths }) =>
        paths.length > 0 &&
        (wasCalled(ports, project, name, lane.branch) || paths.every(path => matches(path))),
    )
    found.set(lane.id, [
      ...named.map(({ name }): Trace => ({ kind: 'branch', start: revision(ports.git, project.top, name) })),
      ...bestFit(stray, matches).map((start): Trace => ({ kind: 'lost', start })),
    ])
  }
  return found
}

interface OtherBranch {
  readonly name: string
  /** What it changes since the lanes began. */
  readonly paths: readonly string[]
}

/** Branches that nobody made for the mission: one may be a lane that was renamed. */
async function otherBranches(
  { base, objects, mission, options }: Request,
  refs: ReadonlyMap<string, Sha>,
): Promise<readonly OtherBranch[]> {
  if (base === null) return []
  const heads = [...refs].flatMap(([ref, sha]) =>
    ref.startsWith('refs/heads/') ? [{ name: ref.slice('refs/heads/'.length), sha }] : [],
  )
  const others = heads.filter(
    ({ name }) => name !== options.target && !name.startsWith(`kitty/mission-${mission.slug}`),
  )
  return Promise.all(
    others.map(async ({ name, sha }) => ({
      name,
      paths: (await objects.diff(base, sha)).map(change => change.path),
    })),
  )
}

/** A merge keeps branches as `…/heads/<branch>`, whatever else removes one as `<branch>/<commit>`. */
function keeps(ref: string, branch: string): boolean {
  const name = ref.startsWith('refs/kitty/backup/') ? ref.slice('refs/kitty/backup/'.length) : ''
  return (
    name.endsWith(`/heads/${branch}`) ||
    (name.startsWith(`${branch}/`) && /^[0-9a-f]+$/.test(name.slice(branch.length + 1)))
  )
}

/** Commits that change least beside what the lane may change, of each line of them the last. */
function bestFit({ graph, commits }: Strays, matches: (path: string) => boolean): readonly Sha[] {
  const fits = commits
    .map(({ sha, paths }) => ({
      sha,
      alien: paths.filter(path => !matches(path)).length,
      size: paths.length,
    }))
    .filter(({ size }) => size > 0)
  const least = Math.min(...fits.map(fit => fit.alien))
  const best = fits.filter(fit => fit.alien === least).map(fit => fit.sha)
  return best.filter(sha => !best.some(other => other !== sha && closure(graph, other).has(sha)))
}

async function exists(objects: Objects, commit: Sha): Promise<boolean> {
  try {
    await objects.diff(commit, commit)
    return true
  } catch {
    return false
  }
}

interface Strays {
  readonly graph: Graph
  readonly commits: readonly {
    readonly sha: Sha
    /** What it changes since the lanes began. */
    readonly paths: readonly string[]
  }[]
}

/**
 * Commits that nothing leads to and that go on from where the lanes began; those of merges left out, and those that bring
 * nothing but what branches have: a forecast of a rebase leaves such copies.
 */
async function strayCommits(
  ports: Pick<Ports, 'git'>,
  { project, base, objects, mission }: Request,
  refs: ReadonlyMap<string, Sha>,
): Promise<Strays> {
  const commits = base === null ? [] : await ports.git.lostCommits(project.top)
  if (base === null || commits.length === 0) return { graph: new Map(), commits: [] }
  const graph = await ports.git.graph(project.top, commits, base)
  const ours = commits.filter(sha => graph.get(sha)?.length === 1 && standsOn(graph, sha, base))
  const since = async (sha: Sha) => await objects.diff(base, sha)
  const heads = [...refs].flatMap(([ref, sha]) => (ref.startsWith('refs/heads/') ? [sha] : []))
  const branches = await Promise.all([...new Set(heads)].map(since))
  const had = new Set(branches.flat().map(change => `${change.blob} ${change.path}`))
  const changed = await Promise.all(
    ours.map(async sha => {
      const changes = await since(sha)
      const fresh = changes.some(change => !had.has(`${change.blob} ${change.path}`))
      return { sha, paths: fresh ? changes.map(change => change.path) : [] }
    }),
  )
  const log = missionPaths({ dir: mission.rel }).log
  return { graph, commits: changed.filter(({ paths }) => !paths.includes(log)) }
}
