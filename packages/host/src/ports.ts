/** The one list of real implementations. Nothing heavy is loaded here: koffi, yaml and process start come when used. */
import type { Ports } from '@spec-kitty/core/ports'
import { createApply, type Queue } from './apply.ts'
import { createClock } from './clock.ts'
import { createEnv, type Variables } from './env.ts'
import { createFiles } from './files.ts'
import { readBlobs, writeBlobs } from './git/blobs.ts'
import { commitTree, isAncestor, listCommits, mergeBase } from './git/commits.ts'
import { createRepository, gitVersion, readGitConfig } from './git/config.ts'
import { listRefs, readHead, resolveRevisions } from './git/refs.ts'
import { createGitRunner, type RunGit } from './git/run.ts'
import { readStatus } from './git/status.ts'
import { changedPaths, editTree, mergeTree } from './git/trees.ts'
import { listWorktrees } from './git/worktrees.ts'
import { createIds } from './ids.ts'
import { createLocks } from './lock.ts'
import { createYaml } from './yaml.ts'

export interface PortOptions {
  readonly cwd?: string
  readonly env?: Variables
  readonly note?: (line: string) => void
  readonly queue?: Queue
}

/** Everything core may ask of the world, for a process that stands in `cwd`. */
export function createPorts(options: PortOptions = {}): Ports {
  const cwd = options.cwd ?? process.cwd()
  const env = options.env ?? process.env
  const run = createGitRunner(env)
  return {
    env: createEnv(cwd, env),
    files: createFiles(),
    git: createGit(run, cwd),
    clock: createClock(),
    ids: createIds(),
    locks: createLocks(),
    yaml: createYaml(),
    note: options.note ?? (line => process.stderr.write(`${line}\n`)),
    apply: createApply(run, options.queue ?? (() => {})),
  }
}

function createGit(run: RunGit, cwd: string): Ports['git'] {
  return {
    version: () => gitVersion(run, cwd),
    init: directory => createRepository(run, cwd, directory),
    config: (repo, keys) => readGitConfig(run, repo, keys),
    head: readHead,
    resolve: (repo, revs) => resolveRevisions(run, repo, revs),
    refs: (repo, prefixes) => listRefs(run, repo, prefixes),
    status: (checkout, paths) => readStatus(run, checkout, paths),
    worktrees: repo => listWorktrees(run, repo),
    isAncestor: (repo, ancestor, descendant) => isAncestor(run, repo, ancestor, descendant),
    mergeBase: (repo, a, b) => mergeBase(run, repo, a, b),
    commits: (repo, from, to) => listCommits(run, repo, from, to),
    changedPaths: (repo, from, to) => changedPaths(run, repo, from, to),
    blobs: (repo, specs) => readBlobs(run, repo, specs),
    writeBlobs: (repo, contents) => writeBlobs(run, repo, contents),
    editTree: (repo, base, edits) => editTree(run, repo, base, edits),
    mergeTree: (repo, ours, theirs) => mergeTree(run, repo, ours, theirs),
    commitTree: (repo, commit) => commitTree(run, repo, commit),
  }
}
