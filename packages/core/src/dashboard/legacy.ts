/** /api/features and /api/kanban of 3.2.0, by its keys and in its meaning: five columns. */
import type {
  ArtifactFiles,
  Features,
  Kanban,
  KanbanCard,
  Research,
} from '@spec-kitty/contracts/dashboard/legacy'
import type { Json } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { readHolder } from '../repo/log/emit.ts'
import { weightedPercentage } from '../repo/log/progress.ts'
import { laneOf, type Reduction } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { ownFiles } from '../repo/project/own-files.ts'
import { idList, wordOf } from '../repo/tasks/lists.ts'
import { readWorkPackages } from '../repo/tasks/work-package.ts'
import { basename, join, relativeTo } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { listDocuments, readDocument } from './documents.ts'

type Column = keyof Kanban['lanes']

const COLUMNS: { readonly [lane in Lane]: Column | undefined } = {
  genesis: undefined,
  planned: 'planned',
  blocked: 'planned',
  claimed: 'doing',
  in_progress: 'doing',
  for_review: 'for_review',
  in_review: 'for_review',
  approved: 'approved',
  done: 'done',
  canceled: 'done',
}

const CHARTER = '.kittify/charter/charter.md'
const ARTIFACTS: Readonly<Record<string, string>> = {
  spec: 'spec.md',
  plan: 'plan.md',
  tasks: 'tasks.md',
  research: 'research.md',
  quickstart: 'quickstart.md',
  data_model: 'data-model.md',
  contracts: 'contracts',
  checklists: 'checklists',
  kanban: 'tasks',
}

/** Folders of documents that had an address of their own. */
export type DocumentFolder = 'research' | 'contracts' | 'checklists'

/** What lies in such a folder; of research also its main document. */
export function folderList(
  ports: Pick<Ports, 'files'>,
  mission: Mission,
  folder: DocumentFolder,
): ArtifactFiles | Research {
  const names = listDocuments(ports, mission).map(({ name }) => name)
  const files = names
    .filter(name => name.startsWith(`${folder}/`))
    .map(path => ({ name: basename(path), path, icon: iconOf(path, folder) }))
  if (folder !== 'research') return { files }
  const main = names.includes('research.md') ? readDocument(ports, mission, 'research.md').text : null
  return { main_file: main, artifacts: files }
}

/** The charter of the project; undefined where there is none, or a link. */
export function charterText({ files }: Pick<Ports, 'files'>, project: Project): string | undefined {
  return ownFiles(files, project.root).text(join(project.root, CHARTER))
}

/** The text of a document by the word of 3.2.0 (`spec`, `data-model`) or by its name; undefined where there is none. */
export function artifactText(
  ports: Pick<Ports, 'files'>,
  mission: Mission,
  word: string,
): string | undefined {
  const name = ARTIFACTS[word.replaceAll('-', '_')] ?? word
  const there = listDocuments(ports, mission).some(document => document.name === name)
  return there ? readDocument(ports, mission, name).text : undefined
}

function iconOf(path: string, folder: DocumentFolder): string {
  if (path.endsWith('.md')) return folder === 'checklists' ? '✅' : '📝'
  if (path.endsWith('.json')) return '📋'
  return path.endsWith('.csv') && folder === 'research' ? '📊' : '📄'
}

/** One mission in the list. `reduction` is undefined where the log cannot be read. */
export function feature(
  ports: Pick<Ports, 'files'>,
  project: Project,
  mission: Mission,
  reduction: Reduction | undefined,
): Features['features'][number] {
  const look = (path: string) => {
    const stat = ports.files.stat(path)
    return {
      exists: stat !== undefined,
      mtime: stat === undefined ? null : stat.mtimeMs / 1000,
      size: stat?.size ?? null,
    }
  }
  const artifacts = Object.fromEntries(
    Object.entries(ARTIFACTS).map(([key, name]) => [key, look(join(mission.dir, name))]),
  )
  const done = (key: string): 'complete' | 'pending' => (artifacts[key]?.exists ? 'complete' : 'pending')
  const lanes = [...(reduction?.workPackages.values() ?? [])].map(state => state.lane)
  const count = (column: Column) => lanes.filter(lane => COLUMNS[lane] === column).length
  const worktree = join(project.root, '.worktrees', mission.slug)
  return {
    id: mission.slug,
    name: wordOf(mission.meta.friendly_name) ?? mission.slug,
    display_name: wordOf(mission.meta.friendly_name) ?? mission.slug,
    path: relativeTo(project.root, mission.dir),
    artifacts: { charter: look(join(project.root, CHARTER)), ...artifacts },
    workflow: {
      specify: done('spec'),
      plan: done('plan'),
      tasks: done('tasks'),
      implement: artifacts.kanban?.exists ? 'in_progress' : 'pending',
    },
    kanban_stats: {
      total: lanes.length,
      planned: count('planned'),
      doing: count('doing'),
      for_review: count('for_review'),
      approved: count('approved'),
      done: count('done'),
      weighted_percentage: weightedPercentage(lanes),
    },
    meta: mission.meta,
    worktree: { path: worktree, exists: ports.files.stat(worktree) !== undefined },
    is_legacy: false,
  }
}

/** Newest first by when they were made. */
export function featureList(project: Project, features: readonly Features['features'][number][]): Features {
  const made = (meta: Json | undefined): string => wordOf(meta) ?? ''
  const sorted = features.toSorted((a, b) => (made(a.meta.created_at) < made(b.meta.created_at) ? 1 : -1))
  return {
    features: sorted,
    active_feature_id: null,
    project_path: project.root,
    worktrees_root: join(project.root, '.worktrees'),
    active_worktree: null,
    active_mission: { name: 'No active feature' },
  }
}

/** The cards of one mission. */
export async function kanban(
  ports: Pick<Ports, 'files' | 'yaml'>,
  project: Project,
  mission: Mission,
  reduction: Reduction,
): Promise<Kanban> {
  const { found } = await readWorkPackages(ports, mission)
  const lanes: Record<Column, KanbanCard[]> = {
    planned: [],
    doing: [],
    for_review: [],
    approved: [],
    done: [],
  }
  const holder = readHolder(ports, project, reduction)
  for (const wp of found) {
    const lane = laneOf(reduction, wp.id)
    const column = COLUMNS[lane]
    if (column === undefined) continue
    const { fields } = wp.file
    lanes[column].push({
      id: wp.id,
      title: wp.title,
      lane,
      subtasks: [...idList(fields.subtasks).read],
      agent: holder(wp.id, 'agent', wp.agent) ?? '',
      model: wordOf(fields.model) ?? '',
      agent_profile: wordOf(fields.agent_profile) ?? '',
      role: wordOf(fields.role) ?? '',
      assignee: wp.assignee ?? '',
      phase: wordOf(fields.phase) ?? '',
      prompt_markdown: wp.body,
      prompt_path: relativeTo(project.root, wp.path),
    })
  }
  const all = [...reduction.workPackages.values()].map(state => state.lane)
  return { lanes, is_legacy: false, upgrade_needed: false, weighted_percentage: weightedPercentage(all) }
}
