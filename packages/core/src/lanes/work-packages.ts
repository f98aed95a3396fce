/** The work packages of a mission as their files state them: identity, order, ownership. Lanes come from the log. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import type { Ports } from '../ports.ts'
import { bodyOf, type FrontMatterFile, readFrontMatter } from '../tasks/front-matter.ts'
import { basename, join } from '../text/paths.ts'

export interface WorkPackageFile {
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** File name without `.md`: the folder of its review cycles. */
  readonly stem: string
  readonly title: string
  readonly file: FrontMatterFile
  readonly body: string
  readonly dependencies: readonly string[]
  readonly subtasks: readonly string[]
  readonly ownedFiles: readonly string[]
  readonly requirementRefs: readonly string[]
  /** The agent that works on it, or did last. */
  readonly agent: string | null
  readonly assignee: string | null
  readonly shellPid: string | null
  /** Recorded when work began; null before. */
  readonly baseCommit: string | null
}

/** Files `tasks/WP*.md`, sorted by id. Throws `file_malformed` with file and line. */
export async function readWorkPackages(
  ports: Pick<Ports, 'files' | 'yaml'>,
  mission: Pick<Mission, 'dir'>,
): Promise<readonly WorkPackageFile[]> {
  const directory = missionPaths(mission).tasksDir
  const names = ports.files.list(directory).filter(name => /^WP\d+.*\.md$/.test(name))
  return Promise.all(
    names.map(async name => {
      const path = join(directory, name)
      const file = await readFrontMatter(ports, path, ports.files.text(path) ?? '')
      return interpret(path, file)
    }),
  )
}

/** `WP01`, `wp1` and `WP01-slug` name the same package. Undefined when it is no id. */
export function normalizeWpId(text: string): string | undefined {
  const digits = /^wp0*(\d+)(?:[-_.].*)?$/i.exec(text.trim())?.[1]
  return digits === undefined ? undefined : `WP${digits.padStart(2, '0')}`
}

/** The package of that id. Throws `wp_not_found`, or `file_malformed` when two files claim it. */
export function pickWorkPackage(
  packages: readonly WorkPackageFile[],
  mission: Pick<Mission, 'rel'>,
  text: string,
): WorkPackageFile {
  const id = normalizeWpId(text)
  const found = packages.filter(item => item.id === id)
  const [first, second] = found
  if (first === undefined) {
    const known = packages.map(item => item.id).join(', ')
    throw new KittyError('wp_not_found', `Work package '${text}' not found under ${mission.rel}/tasks.`, {
      hint: known === '' ? 'Write tasks/WP01-….md first' : `There are: ${known}`,
      data: { wp_id: text },
    })
  }
  if (second !== undefined) {
    throw new KittyError(
      'file_malformed',
      `Two files claim to be ${first.id}: ${basename(first.path)} and ${basename(second.path)}`,
      {
        hint: `Give one of them another work_package_id: ${second.path}`,
        data: { wp_id: first.id },
      },
    )
  }
  return first
}

function interpret(path: string, file: FrontMatterFile): WorkPackageFile {
  const { fields } = file
  const stem = basename(path).replace(/\.md$/, '')
  const id = normalizeWpId(word(fields.work_package_id) ?? stem) ?? stem
  const commit = word(fields.base_commit)
  return {
    id,
    path,
    stem,
    title: word(fields.title) ?? word(fields.work_package_title) ?? id,
    file,
    body: bodyOf(file),
    dependencies: words(fields.dependencies).filter(item => /^WP\d+$/.test(item)),
    subtasks: words(fields.subtasks),
    ownedFiles: words(fields.owned_files),
    requirementRefs: words(fields.requirement_refs).map(item => item.toUpperCase()),
    agent: agentOf(fields),
    assignee: word(fields.assignee) ?? null,
    shellPid: word(fields.shell_pid) ?? null,
    baseCommit: commit !== undefined && /^[0-9a-f]{7,64}$/.test(commit) ? commit : null,
  }
}

/** A name, `tool:model:profile:role`, or a mapping with a tool (spec/status.md §1.4). */
function agentOf(fields: JsonObject): string | null {
  const agent = fields.agent
  const name = isObject(agent) ? word(agent.tool) : word(agent)
  return name?.split(':')[0]?.trim() || null
}

function word(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** A list, or the comma-separated text of old files. */
function words(value: Json | undefined): readonly string[] {
  if (isArray(value)) return value.flatMap(item => word(item) ?? [])
  const items = (word(value) ?? '').replace(/^\[\]$/, '').split(',')
  return items.flatMap(item => word(item) ?? [])
}
