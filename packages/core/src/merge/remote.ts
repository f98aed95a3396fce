/** The remote that a merge is compared with and pushed to: the target's own, never a name that we made up. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import type { Ports, PushPlace } from '../world/ports.ts'

export interface RemoteFacts {
  readonly names: readonly string[]
  /** What the target follows: undefined where there is no remote, or no telling which of several. */
  readonly place: PushPlace | undefined
  /** Where `--push` would go: the same, unless git is told to push elsewhere. */
  readonly push: PushPlace | undefined
  /** Short name of the tracking branch (`origin/main`). */
  readonly tracking: string | undefined
  /** Its tip as of the last fetch. */
  readonly upstream: Sha | null
  /** Why a fetch that was asked for failed. */
  readonly fetchProblem: string | undefined
}

interface Request {
  readonly project: Project
  readonly mission: Mission
  readonly options: { readonly target: string }
  readonly fetch: boolean
  readonly pullRequest?: { readonly remote: string | undefined } | undefined
}

/** Reads settings and references; one process when the remote is to be looked at. */
export async function remoteFacts(
  ports: Pick<Ports, 'git'>,
  request: Request,
  settings: ReadonlyMap<string, string>,
): Promise<RemoteFacts> {
  const { project, options, pullRequest } = request
  const names = [...settings.keys()].flatMap(key => /^remote\.(.+)\.url$/.exec(key)?.[1] ?? [])
  const named = pullRequest?.remote
  const place =
    named === undefined
      ? followed(options.target, names, settings)
      : names.includes(named)
        ? { remote: named, branch: options.target }
        : undefined
  const pushTo =
    settings.get(`branch.${options.target}.pushremote`) ?? settings.get('remote.pushdefault') ?? named
  const push =
    pushTo !== undefined && names.includes(pushTo) ? { remote: pushTo, branch: options.target } : place
  const fetchProblem =
    request.fetch && place !== undefined ? await fetchAll(ports, request, place) : undefined
  const tracking = place && `${place.remote}/${place.branch}`
  const ref = tracking && `refs/remotes/${tracking}`
  return {
    names,
    place,
    push: push?.remote === place?.remote ? place : push,
    tracking,
    upstream: ref === undefined ? null : (ports.git.named(project.top, [ref]).get(ref) ?? null),
    fetchProblem,
  }
}

/** `branch.<target>.remote`; else the only remote there is; else `origin`, as git has it. */
export function followed(
  target: string,
  names: readonly string[],
  settings: ReadonlyMap<string, string>,
): PushPlace | undefined {
  const own = settings.get(`branch.${target}.remote`)
  if (own !== undefined && names.includes(own)) {
    const branch = settings.get(`branch.${target}.merge`)?.replace(/^refs\/heads\//, '') ?? target
    return { remote: own, branch }
  }
  const remote = names.length === 1 ? names[0] : names.find(name => name === 'origin')
  return remote === undefined ? undefined : { remote, branch: target }
}

/** The target and everything of the mission. */
async function fetchAll(
  ports: Pick<Ports, 'git'>,
  { project, mission, pullRequest }: Request,
  { remote, branch }: PushPlace,
): Promise<string | undefined> {
  try {
    const landings = pullRequest === undefined ? [] : ['kitty/pr/*']
    await ports.git.fetch(project.top, remote, branch, [`kitty/mission-${mission.slug}*`, ...landings])
    return undefined
  } catch (cause) {
    // A branch that the remote does not have yet cannot be ahead of ours.
    if (cause instanceof KittyError && /couldn't find remote ref/i.test(cause.message)) return undefined
    return cause instanceof Error ? cause.message : String(cause)
  }
}
