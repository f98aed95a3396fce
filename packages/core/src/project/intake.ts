/** `intake`: a plan that somebody wrote elsewhere becomes the brief of the next mission. Local to the checkout, never committed. */
import type { Intake } from '@spec-kitty/contracts/cli/project-aids'
import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints, isObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { isInside, join, relativeTo, resolvePath } from '../text/paths.ts'
import { readYaml } from '../text/yaml.ts'
import type { Ports } from '../world/ports.ts'
import { writeProject } from '../write/write.ts'
import { linesChange } from './git-files.ts'
import { hashOf } from './manifest.ts'

export const BRIEF_PATH = '.kittify/mission-brief.md'
const SOURCE_PATH = '.kittify/brief-source.yaml'

export interface IntakeRequest {
  readonly path: string | undefined
  readonly force: boolean
  readonly show: boolean
  readonly auto: boolean
}

/**
 * Stores a document as the brief, or shows the one that is there. Throws `invalid_input` when there is none to show or
 * to find, and when another brief would be replaced without `force`.
 */
export async function intake(ports: Ports, request: IntakeRequest): Promise<Intake> {
  const home = homeOf(locateProject(ports))
  requireKittify(ports, home)
  const { root } = home
  if (request.show || (request.path === undefined && !request.auto)) return await show(ports, root)
  return await writeProject(ports, { place: homeOf }, async ({ project, config }) => {
    const source =
      request.path === undefined ? findPlan(ports, root) : resolvePath(ports.env.cwd, request.path)
    const brief = ports.files.text(source)
    if (brief === undefined || brief.trim() === '') {
      const what = brief === undefined ? 'No such file' : 'The file is empty'
      throw new KittyError('invalid_input', `${what}: ${request.path ?? source}`, {
        hint: sh`spec-kitty intake PLAN.md`,
      })
    }
    const there = ports.files.text(join(root, BRIEF_PATH))
    if (there !== undefined && there !== brief && !request.force) {
      throw new KittyError('invalid_input', `There is a brief already: ${BRIEF_PATH}`, {
        hint: sh`Look at it with spec-kitty intake --show, or replace it with --force`,
      })
    }
    const sourceFile = isInside(root, source) ? relativeTo(root, source) : source
    // The brief is of this checkout and this hour: git must not see it.
    const ignored = linesChange(ports, root, '.gitignore', [BRIEF_PATH, SOURCE_PATH])
    const { branch } = ports.git.head(project.top)
    // A protected branch keeps the line uncommitted: the brief is more urgent than its ignore line.
    const guarded = branch !== null && config.protectedBranches.includes(branch)
    return {
      files: [
        ...ignored,
        { kind: 'write_file', path: join(root, BRIEF_PATH), content: brief, expect: there ?? null },
        {
          kind: 'write_file',
          path: join(root, SOURCE_PATH),
          content: await sourceText(ports, sourceFile, brief),
        },
      ],
      message: guarded ? undefined : 'Ignore mission briefs',
      paths: ignored.map(change => change.path),
      answer: answer('stored', sourceFile, brief),
    }
  })
}

/** Two worktrees of the user's own have two briefs; a lane worktree uses that of its mission. */
function homeOf(project: Project): Project {
  const { checkout, root, top } = project
  const own = checkout !== top && !isInside(join(root, '.worktrees'), checkout)
  return own ? { ...project, root: checkout, top: checkout } : project
}

async function show(ports: Ports, root: string): Promise<Intake> {
  const brief = ports.files.text(join(root, BRIEF_PATH))
  if (brief === undefined) {
    throw new KittyError('invalid_input', `No brief found at ${BRIEF_PATH}`, {
      hint: sh`spec-kitty intake PLAN.md`,
    })
  }
  const path = join(root, SOURCE_PATH)
  const text = ports.files.text(path)
  const value = text === undefined ? {} : await readYaml(ports, text, path)
  const source = isObject(value) ? value.source_file : undefined
  return answer('shown', typeof source === 'string' ? source : null, brief)
}

function answer(result: Intake['result'], source: string | null, brief: string): Intake {
  return { result, brief_path: BRIEF_PATH, source_path: SOURCE_PATH, source_file: source, brief }
}

async function sourceText(ports: Ports, source: string, brief: string): Promise<string> {
  return await ports.yaml.edit('', {
    source_file: source,
    ingested_at: ports.clock.now(),
    brief_hash: hashOf(brief),
  })
}

/** Where agents put the plans that they make with a person. */
const PLAN_DIRECTORIES = ['.claude/plans', '.cursor/plans', '.opencode/plans', '.kiro/plans', 'docs/plans']
const PLAN_FILES = ['PLAN.md', 'plan.md', 'docs/PLAN.md', 'docs/plan.md']

/** The newest plan. Throws `invalid_input` when there is none. */
function findPlan(ports: Pick<Ports, 'files'>, root: string): string {
  const { files } = ports
  const inside = PLAN_DIRECTORIES.flatMap(directory =>
    files
      .list(join(root, directory))
      .filter(name => name.endsWith('.md'))
      .map(name => `${directory}/${name}`),
  )
  const [newest] = [...PLAN_FILES, ...inside]
    .flatMap(path => {
      const stat = files.stat(join(root, path))
      return stat?.kind === 'file' ? [{ path, time: stat.mtimeMs }] : []
    })
    .sort((a, b) => b.time - a.time || compareCodePoints(a.path, b.path))
  if (newest !== undefined) return join(root, newest.path)
  throw new KittyError(
    'invalid_input',
    `No plan found in ${[...PLAN_FILES.slice(0, 1), ...PLAN_DIRECTORIES].join(', ')}`,
    { hint: sh`Name the file: spec-kitty intake FILE` },
  )
}
