/** `agent action implement`: begins a work package and says what to do. */
import type { AgentActionImplement } from '@spec-kitty/contracts/cli/agent-action-implement'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { laneOf as statusLane } from '../repo/log/reduce.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { cycleGone, isRejected, latestCycle, lostCycle } from '../repo/review/cycle.ts'
import { type Subtask, subtasksByWp } from '../repo/tasks/subtasks.ts'
import { wpKey } from '../text/wp-id.ts'
import type { Ports } from '../world/ports.ts'
import { type Started, startWork } from './implement.ts'
import { type DependencyBrief, implementPrompt } from './prompt.ts'

export interface ActionInput {
  readonly wpId?: string | undefined
  readonly mission?: string | undefined
  readonly agent?: string | undefined
  readonly autoCommit?: boolean | undefined
}

/** Throws what `implement` throws, and `usage` without an agent's name. */
export async function actionImplement(ports: Ports, input: ActionInput): Promise<AgentActionImplement> {
  const agent = requireAgent(input.agent, 'implement')
  const started = await startWork(ports, { ...input, agent })
  const { answer, wp, mission, workspaceDir } = started
  const review = await latestCycle(ports, mission, wp.id, started.status.reduction)
  const feedback =
    review !== undefined && isRejected(review) ? { path: review.path, text: review.feedback } : undefined
  const lost = lostCycle(ports, mission, wp.id, started.status.reduction)
  const gone = lost === undefined ? undefined : cycleGone(wp.id, lost)
  const warnings =
    gone === undefined ? answer.warnings : [...answer.warnings, `${gone.message}: ${gone.hint}`]
  const subtasks = subtasksOf(ports, started)
  const prompt = implementPrompt({
    wpId: wp.id,
    title: wp.title,
    missionSlug: mission.slug,
    agent,
    workspace: workspaceDir,
    branch: answer.branch,
    isolated: answer.execution_mode === 'code_change',
    missionDir: mission.dir,
    wpFile: wp.path,
    body: wp.body,
    openSubtasks: subtasks.open,
    subtaskIds: subtasks.ids,
    ownedFiles: wp.ownedFiles,
    dependencies: dependencyBriefs(started),
    feedback,
    testEnv: answer.lane_test_env,
    warnings,
  })
  return {
    ...answer,
    warnings,
    agent,
    workspace_dir: workspaceDir,
    wp_file: wp.path,
    subtasks: [...subtasks.ids],
    dependencies: [...wp.dependencies],
    fix_mode: feedback !== undefined,
    prompt,
  }
}

/** Events name who acts; a prompt without a name would record nobody. */
export function requireAgent(agent: string | undefined, action: 'implement' | 'review'): string {
  if (agent !== undefined && agent.trim() !== '') return agent.trim()
  throw new KittyError('usage', '--agent is required: the log records who does the work', {
    hint: sh`spec-kitty agent action ${action} WP01 --agent claude`,
  })
}

/** From the package's section of tasks.md; the front matter names those that have no row. */
function subtasksOf(
  ports: Pick<Ports, 'files'>,
  { mission, wp, status }: Started,
): { readonly open: readonly string[]; readonly ids: readonly string[] } {
  const text = ports.files.text(missionPaths(mission).tasksFile)
  const rows = subtasksByWp(text, status.reduction.ticks).get(wpKey(wp.id))
  if (rows === undefined) return { open: wp.subtasks, ids: wp.subtasks }
  const open = rows.filter(task => !task.done)
  return { open: open.map(openRow), ids: [...new Set(open.flatMap(({ id }) => id ?? []))] }
}

/** `T001 write the parser` of an open row; one without an id as it stands behind its box. */
function openRow({ id, row }: Subtask): string {
  if (id === undefined) return row.slice(row.indexOf(']') + 1).trim()
  const behind = row.slice(row.toUpperCase().indexOf(id) + id.length)
  return `${id} ${behind.replace(/^[*_:`)\]\s]+/, '')}`.trim()
}

function dependencyBriefs({ wp, packages, status }: Started): readonly DependencyBrief[] {
  return packages
    .filter(item => wp.dependencies.includes(item.id))
    .map(item => ({
      wpId: item.id,
      title: item.title,
      lane: statusLane(status.reduction, item.id),
      ownedFiles: item.ownedFiles,
      wpFile: item.path,
    }))
}
