/** What the commit of a merge says: compatible in its first line, and in its body all that a reader of the history asks. */
import { readWorkPackages } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'
import type { MergeFacts } from './facts.ts'
import { type Forecast, isLaneWithTip } from './forecast.ts'
import { closure } from './graph.ts'

/** One process, for the authors of the lanes, where their commits do not land themselves. */
export async function landingMessage(ports: Ports, facts: MergeFacts, { merged }: Forecast): Promise<string> {
  const { mission, options, settings } = facts
  const packages = (await readWorkPackages(ports, mission)).found.filter(
    item => facts.states.get(item.id) === 'approved',
  )
  const first = options.message?.trim() || subject(facts)
  const title = [mission.meta.friendly_name, mission.meta.purpose_tldr]
    .filter(isText)
    .filter(text => text !== first)
  const list = packages.map(({ id, title: name, requirementRefs: refs }) => {
    const about = [id, name].filter(isText).join(' ')
    return `- ${about}${refs.length > 0 ? ` (${refs.join(', ')})` : ''}`
  })
  const own =
    ports.env.get('GIT_AUTHOR_EMAIL') ?? settings.get('author.email') ?? settings.get('user.email') ?? ''
  const authors = options.strategy === 'squash' ? await authorsOf(ports, facts, merged) : []
  const others = authors.filter(author => !author.endsWith(`<${own}>`))
  const trailers = [`Mission: ${mission.slug}`, ...others.map(author => `Co-authored-by: ${author}`)]
  const body = [[...new Set(title)].join('\n'), list.join('\n'), trailers.join('\n')]
  return [first, ...body].filter(isText).join('\n\n')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function subject({ missionBranch, mission, options }: MergeFacts): string {
  if (options.strategy === 'squash') return `feat(${missionBranch}): squash merge of mission`
  if (options.strategy === 'merge') return `Merge ${missionBranch} into ${options.target}`
  return `chore(${mission.slug}): record done transitions for merged WPs`
}

/** Who wrote what the lanes bring; merges do not count. */
async function authorsOf(
  ports: Pick<Ports, 'git'>,
  { graph, laneFacts, target, project }: MergeFacts,
  merged: readonly string[],
): Promise<readonly string[]> {
  const landed = target === null ? new Set() : closure(graph, target)
  const lanes = laneFacts.filter(isLaneWithTip).filter(lane => merged.includes(lane.id))
  const commits = new Set(lanes.flatMap(lane => [...closure(graph, lane.tip)]))
  const own = [...commits].filter(commit => !landed.has(commit) && (graph.get(commit)?.length ?? 0) < 2)
  return ports.git.authors(project.top, own)
}
