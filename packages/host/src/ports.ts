/** The one list of real implementations. Nothing heavy is loaded here: koffi, yaml and process start come when used. */
import type { Ports } from '@spec-kitty/core/world/ports'
import type { SyncPorts } from '@spec-kitty/core/world/sync-ports'
import { createApply } from './apply.ts'
import { createClock } from './clock.ts'
import { createEnv, stateDirectory } from './env.ts'
import { createFiles } from './files.ts'
import { readBlobs } from './git/blobs.ts'
import { filterProblem, hiddenEdits, hiddenFiles, rehearseMove, storeFiles } from './git/checkout.ts'
import {
  changesOf,
  commitGraph,
  commitTree,
  isAncestor,
  listAuthors,
  listCommits,
  lostCommits,
  mergeBase,
  signatureProblem,
} from './git/commits.ts'
import { createRepository, gitVersion, identityProblem, readGitConfig, readSettings } from './git/config.ts'
import { indexLock } from './git/crash.ts'
import { finalBranch, readHead, readRefs } from './git/layout.ts'
import { openObjects } from './git/objects.ts'
import { readPatches } from './git/patches.ts'
import { isPlain, readQuiet } from './git/quiet.ts'
import { listRefs, resolveRevisions } from './git/refs.ts'
import { fetchBranch, publishCommit, pushBranch, remoteHead } from './git/remotes.ts'
import { createGitOpener, createGitRunner, type OpenGit, type RunGit } from './git/run.ts'
import { readStatus } from './git/status.ts'
import { changedPaths, diffTrees, mergeText, mergeTrees } from './git/trees.ts'
import { holdsModules, listWorktrees } from './git/worktrees.ts'
import { createIds } from './ids.ts'
import { createLocks } from './lock.ts'
import { createPlace } from './place.ts'
import type { Variables } from './variables.ts'
import { createYaml } from './yaml.ts'

export interface PortOptions {
  readonly cwd?: string
  readonly env?: Variables
  readonly note?: (line: string) => void
}

/** Everything core may ask of the world, for a process that stands in `cwd`. */
export function createPorts(options: PortOptions = {}): Ports {
  const cwd = options.cwd ?? process.cwd()
  const env = options.env ?? process.env
  const run = createGitRunner(env)
  return {
    env: createEnv(cwd, env),
    files: createFiles(),
    git: createGit(run, createGitOpener(env), cwd),
    clock: createClock(),
    ids: createIds(),
    locks: createLocks(),
    yaml: createYaml(),
    note: options.note ?? (() => {}),
    sync: lazySync(env),
    apply: createApply(run, createPlace(cwd, stateDirectory(env)), options.note ?? (() => {})),
    tell: async () => {},
  }
}

function lazySync(env: Variables): Ports['sync'] {
  let made: Promise<SyncPorts> | undefined
  return () => {
    made ??= import('./sync.ts').then(({ createSyncPorts }) => createSyncPorts(env))
    return made
  }
}

function createGit(run: RunGit, open: OpenGit, cwd: string): Ports['git'] {
  return {
    version: () => gitVersion(run, cwd),
    init: directory => createRepository(run, cwd, directory),
    config: (repo, keys) => readGitConfig(run, repo, keys),
    settings: repo => readSettings(run, repo),
    identityProblem: repo => identityProblem(run, repo),
    signatureProblem: repo => signatureProblem(run, repo),
    holdsModules: worktree => holdsModules(run, worktree),
    head: readHead,
    finalBranch,
    resolve: (repo, revs) => resolveRevisions(run, repo, revs),
    named: readRefs,
    refs: (repo, prefixes) => listRefs(run, repo, prefixes),
    quiet: readQuiet,
    isPlain,
    status: (checkout, paths) => readStatus(run, checkout, paths),
    stagedIn: async (repo, path) => (await import('./git/aside.ts')).stagedIn(run, repo, path),
    worktrees: async repo => listWorktrees(repo),
    isAncestor: (repo, ancestor, descendant) => isAncestor(run, repo, ancestor, descendant),
    mergeBase: (repo, a, b) => mergeBase(run, repo, a, b),
    graph: (repo, tips, exclude) => commitGraph(run, repo, tips, exclude),
    commits: (repo, from, to) => listCommits(run, repo, from, to),
    changesOf: (repo, path, behind) => changesOf(run, repo, path, behind),
    changedPaths: (repo, from, to) => changedPaths(run, repo, from, to),
    diffs: (repo, pairs) => diffTrees(run, repo, pairs),
    patches: (repo, from, to, ask) => readPatches(run, open, repo, [from, to], ask),
    objects: repo => openObjects(open, repo),
    blobs: (repo, specs) => readBlobs(run, repo, specs),
    storeFiles: (checkout, paths) => storeFiles(run, checkout, paths),
    mergeTrees: (repo, pairs) => mergeTrees(run, repo, pairs),
    mergeText: (cwd, files, union) => mergeText(run, cwd, files, union),
    authors: (repo, commits) => listAuthors(run, repo, commits),
    indexLock,
    lostCommits: repo => lostCommits(run, repo),
    rehearseMove: (checkout, from, to, adopted) => rehearseMove(run, checkout, from, to, adopted),
    hiddenFiles: checkout => hiddenFiles(run, checkout),
    hiddenEdits: checkout => hiddenEdits(run, checkout),
    filterProblem: (checkout, files) => filterProblem(run, checkout, files),
    commitTree: (repo, commit) => commitTree(run, repo, commit),
    fetch: (repo, remote, branch, also) => fetchBranch(run, repo, remote, branch, also),
    push: (repo, branch, to) => pushBranch(run, repo, branch, to),
    publish: (repo, commit, to, expected) => publishCommit(run, repo, commit, to, expected),
    remoteHead: (repo, at) => remoteHead(run, repo, at),
  }
}
