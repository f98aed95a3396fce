/** Work package files as implement, review and accept need them: order, ownership, who works on them. */
import type { Mission } from '../mission/handle.ts'
import type { Ports } from '../ports.ts'
import { bodyOf } from '../tasks/front-matter.ts'
import {
  agentOf,
  findWorkPackage,
  readWorkPackages as readFiles,
  readWpId,
  requireWorkPackages,
  type WorkPackage,
  wordOf,
  wordsOf,
} from '../tasks/work-package.ts'

export interface WorkPackageFile extends WorkPackage {
  readonly body: string
  readonly dependencies: readonly string[]
  readonly subtasks: readonly string[]
  readonly ownedFiles: readonly string[]
  /** Upper case. */
  readonly requirementRefs: readonly string[]
  /** The agent that works on it, or did last. */
  readonly agent: string | null
  readonly assignee: string | null
  readonly shellPid: string | null
  /** Recorded when work began; null before. */
  readonly baseCommit: string | null
}

type Where = Pick<Ports, 'files' | 'yaml'>

/** All packages that can be read, by id: somebody else's broken file holds nobody up. */
export async function readableWorkPackages(
  ports: Where,
  mission: Pick<Mission, 'dir'>,
): Promise<readonly WorkPackageFile[]> {
  return (await readFiles(ports, mission)).found.map(describe)
}

/** All packages. Throws `file_malformed` for the first that cannot be read. */
export async function allWorkPackages(
  ports: Where,
  mission: Pick<Mission, 'dir'>,
): Promise<readonly WorkPackageFile[]> {
  return (await requireWorkPackages(ports, mission)).map(describe)
}

/** The package of an id. Throws `wp_not_found`, or `file_malformed` when its file is broken or claimed twice. */
export async function requireWorkPackage(
  ports: Where,
  mission: Pick<Mission, 'dir' | 'rel'>,
  text: string,
): Promise<WorkPackageFile> {
  return describe(await findWorkPackage(ports, mission, normalizeWpId(text) ?? text))
}

/** `WP01`, `wp1` and `WP01-slug` name the same package. Undefined when it is no id. */
export function normalizeWpId(text: string): string | undefined {
  return readWpId(text.trim().replace(/[-_.].*$/, ''))
}

function describe(wp: WorkPackage): WorkPackageFile {
  const { fields } = wp.file
  const commit = wordOf(fields.base_commit)
  return {
    ...wp,
    body: bodyOf(wp.file),
    dependencies: wordsOf(fields.dependencies).flatMap(id => readWpId(id) ?? []),
    subtasks: wordsOf(fields.subtasks),
    ownedFiles: wordsOf(fields.owned_files),
    requirementRefs: wordsOf(fields.requirement_refs).map(id => id.toUpperCase()),
    agent: agentOf(fields) ?? null,
    assignee: wordOf(fields.assignee) ?? null,
    shellPid: wordOf(fields.shell_pid) ?? null,
    baseCommit: commit !== undefined && /^[0-9a-f]{7,64}$/.test(commit) ? commit : null,
  }
}
