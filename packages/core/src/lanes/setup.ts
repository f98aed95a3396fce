/**
 * Making a fresh worktree usable: `worktree.copy` globs and the `worktree.setup` command of
 * `.kittify/config.yaml`. Both are optional; what the command printed is kept in a log.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import picomatch from 'picomatch'
import { ignoreLine } from '../repo/lanes/ignore.ts'
import type { ProjectConfig } from '../repo/project/config.ts'
import { gitPath, type Project } from '../repo/project/locate.ts'
import { ownFiles } from '../repo/project/own-files.ts'
import { basename, join } from '../text/paths.ts'
import type { WriteFile } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { writeLocal } from '../write/local.ts'

export interface WorktreeSettings {
  /** Shell command, run in the new worktree. */
  readonly setup: string | undefined
  readonly limitMinutes: number
  /** Globs of files in the primary checkout that git does not carry over, `.env` for example. */
  readonly copy: readonly string[]
}

const LIMIT_MINUTES = 10
/** Never walked into: large, or no one's to copy. */
const SKIPPED: ReadonlySet<string> = new Set(['.git', '.worktrees', 'node_modules'])

/** The settings, undefined when there is nothing to do. */
export function worktreeSettings(config: Pick<ProjectConfig, 'raw'>): WorktreeSettings | undefined {
  const raw = config.raw.worktree
  if (!isObject(raw)) return undefined
  const setup = typeof raw.setup === 'string' && raw.setup.trim() !== '' ? raw.setup : undefined
  const copy = strings(raw.copy)
  const minutes = raw.setup_timeout_minutes
  if (setup === undefined && copy.length === 0) return undefined
  return { setup, copy, limitMinutes: typeof minutes === 'number' && minutes > 0 ? minutes : LIMIT_MINUTES }
}

/** The files to copy, none of them through a link; what the worktree has already stays as it is. */
export function copyChanges(
  ports: Pick<Ports, 'files'>,
  primary: string,
  worktree: string,
  globs: readonly string[],
): readonly WriteFile[] {
  return matching(ports, primary, globs).flatMap(path => {
    const target = join(worktree, path)
    const content =
      ports.files.stat(target) === undefined ? ports.files.bytes(join(primary, path)) : undefined
    if (content === undefined) return []
    const executable = ports.files.stat(join(primary, path))?.executable ?? false
    return [{ kind: 'write_file', path: target, content, expect: null, executable } as const]
  })
}

/** Relative to the primary checkout's project. */
function matching(ports: Pick<Ports, 'files'>, primary: string, globs: readonly string[]): readonly string[] {
  const files = ownFiles(ports.files, primary)
  return [...new Set(globs.flatMap(glob => expand({ files }, primary, '', glob.split('/'))))]
}

/**
 * What git does not ignore would be dirt in every worktree, and end up in a commit. One process where something is to be
 * copied. Throws `invalid_input`.
 */
export async function refuseUnignored(
  ports: Pick<Ports, 'files' | 'git'>,
  project: Project,
  globs: readonly string[],
): Promise<void> {
  const paths = new Set(matching(ports, project.root, globs).map(path => gitPath(project, path)))
  if (paths.size === 0) return
  const entries = await ports.git.status(project.top)
  const [first] = entries.filter(({ code, path }) => code === '??' && paths.has(path))
  if (first === undefined) return
  const exclude = join(project.commonDir, 'info', 'exclude')
  throw new KittyError(
    'invalid_input',
    `worktree.copy in .kittify/config.yaml matches ${first.path}, which git does not ignore: it could end up in a commit`,
    {
      hint: sh`Ignore it (for everybody: in .gitignore): printf '%s\\n' ${ignoreLine(first.path)} >> ${exclude}`,
      data: { setting: 'worktree.copy', path: first.path },
    },
  )
}

/** Segment by segment, so that a plain path costs no walk. `**` stands for any number of directories. */
function expand(
  ports: Pick<Ports, 'files'>,
  root: string,
  at: string,
  segments: readonly string[],
): readonly string[] {
  const [segment, ...rest] = segments
  if (segment === undefined) return ports.files.stat(join(root, at))?.kind === 'file' ? [at] : []
  const below = (name: string): string => (at === '' ? name : `${at}/${name}`)
  const names = ports.files.list(join(root, at)).filter(name => !SKIPPED.has(name))
  if (segment === '**') {
    const directories = names.filter(name => ports.files.stat(join(root, below(name)))?.kind === 'directory')
    return [
      // At the end it stands for every file as well.
      ...(rest.length === 0
        ? names.flatMap(name => expand(ports, root, below(name), []))
        : expand(ports, root, at, rest)),
      ...directories.flatMap(name => expand(ports, root, below(name), segments)),
    ]
  }
  const matches = picomatch(segment, { dot: true })
  return names.filter(name => matches(name)).flatMap(name => expand(ports, root, below(name), rest))
}

/** Runs the set-up command and keeps its output. Throws `setup_failed` naming the log. */
export async function runSetup(
  ports: Ports,
  primary: string,
  worktree: string,
  settings: WorktreeSettings,
): Promise<void> {
  if (settings.setup === undefined) return
  const log = join(primary, '.kittify', 'runtime', 'worktree-setup', `${basename(worktree)}.log`)
  ports.note(`Setting up ${worktree}: ${settings.setup}`)
  const { status, output } = await ports.env.shell(settings.setup, {
    cwd: worktree,
    limitMs: settings.limitMinutes * 60_000,
  })
  const outcome = status === null ? `no end within ${settings.limitMinutes} minutes` : `exit status ${status}`
  const content = `$ ${settings.setup}\n${output}${output.endsWith('\n') || output === '' ? '' : '\n'}${outcome}\n`
  await writeLocal(ports, [{ kind: 'write_file', path: log, content }])
  if (status === 0) return
  throw new KittyError(
    'setup_failed',
    `The set-up command of the worktree failed (${outcome}): ${settings.setup}`,
    {
      hint: sh`Read ${log}, mend worktree.setup in .kittify/config.yaml, and run implement again`,
      data: { command: settings.setup, log, worktree },
    },
  )
}

function strings(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value]
  return isArray(value) ? value.filter(item => typeof item === 'string') : []
}
