/**
 * Carrying out a journal, forwards (`land`) and back (`takeBack`). Every step looks first whether it has been done, so
 * both can be started again after a crash at any point. What has happened is read from the repository: the backup
 * references are made in the very transaction that moves the branches.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { MergePlan, MergeState } from '@spec-kitty/contracts/files/merge-state'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import { part, sh } from '@spec-kitty/contracts/sh'
import type { Project } from '../repo/project/locate.ts'
import { isInside, relativeTo } from '../text/paths.ts'
import type { Change, RefUpdate } from '../world/change.ts'
import type { Ports, Worktree } from '../world/ports.ts'
import type { Stage } from '../write/conduct.ts'
import { deleteJournal, writeJournal } from '../write/journal.ts'
import { CHECKED_OUT, type Landing, LOCKED } from './landing.ts'

/**
 * Finishes a merge. Undefined when the branches have moved elsewhere since it was built: then it must be built anew.
 * Where it fails before a branch has moved, nothing is left behind; after that, what it throws says so.
 */
export async function land(ports: Stage, project: Project, state: MergeState): Promise<Landing | undefined> {
  const { plan } = state
  if (plan === null) return undefined
  try {
    if (!(await moveRefs(ports, project, plan))) return undefined
  } catch (cause) {
    if (cause instanceof KittyError) await ports.perform(deleteJournal(ports, project, state.mission_slug))
    throw cause
  }
  try {
    return await follow(ports, project, state, plan)
  } catch (cause) {
    throw cause instanceof KittyError ? inPlace(project, state, plan, cause) : cause
  }
}

/** The merge is in place here and not finished: whoever reads that must know both ways. */
function inPlace(project: Project, state: MergeState, plan: MergePlan, cause: KittyError): KittyError {
  const { options, mission_slug: slug, summary } = state
  const raced = cause.data.raced === true && plan.push
  const back = sh`spec-kitty merge --abort --mission ${slug}`
  const on = sh`spec-kitty merge --resume --mission ${slug}`
  const finish = sh`spec-kitty merge --resume --no-push --mission ${slug}`
  const again = raced
    ? sh`${part(back)} && git -C ${project.top} pull --ff-only ${raced.remote} ${raced.branch} && spec-kitty merge --push --mission ${slug}`
    : undefined
  const why = raced ? `somebody else pushed to ${raced.remote} meanwhile. ` : ''
  const what = `${options.target} has moved to ${(summary?.merge_commit ?? '').slice(0, 12)} in this repository: the merge is in place here, not finished`
  const pushed = cause.code === 'push_refused' ? sh` Without the push: ${part(finish)}.` : sh``
  return new KittyError(cause.code, `${cause.message}. ${why}${what}.`, {
    hint:
      again === undefined
        ? sh`Mend that and go on: ${part(on)}.${part(pushed)} Or take the merge back: ${part(back)}`
        : sh`Take it back and merge again on top: ${part(again)}. Or, when the remote takes it: ${part(on)}`,
    data: {
      ...cause.data,
      merge_commit: summary?.merge_commit ?? null,
      target_branch: options.target,
      resume: on,
      abort: back,
    },
    cause,
  })
}

async function follow(ports: Stage, project: Project, state: MergeState, plan: MergePlan): Promise<Landing> {
  let current = state
  const advance = async (phase: MergeState['phase']) => {
    current = { ...current, phase }
    await ports.perform([writeJournal(project, current)])
  }
  if (current.phase === 'prepared') {
    await bringCheckout(ports, plan)
    await advance('moved')
  }
  if (current.phase === 'moved' && current.options.push) {
    const { target } = current.options
    await ports.git.push(project.top, target, plan.push ?? { remote: 'origin', branch: target })
    await advance('pushed')
  }
  const landing = await cleanUp(ports, project, plan)
  await ports.perform(
    deleteJournal(
      ports,
      project,
      state.mission_slug,
      plan.files.map(file => file.path),
    ),
  )
  return landing
}

/** Branches and backups in one transaction; true when they are there, by this call or an earlier one. */
async function moveRefs(ports: Stage, project: Project, plan: MergePlan): Promise<boolean> {
  if (hasLanded(ports, project, plan)) return true
  if (haveMoved(ports, project, plan)) return false
  const updates = [...plan.backups, ...plan.moves].map(toUpdate)
  try {
    await ports.perform([{ kind: 'update_refs', repo: project.top, message: 'spec-kitty merge', updates }])
  } catch (cause) {
    // Somebody was faster between our look and git's.
    if (haveMoved(ports, project, plan)) return false
    throw cause
  }
  return true
}

/** A branch does not stand where it stood when the merge was built. */
function haveMoved(ports: Pick<Ports, 'git'>, project: Project, { moves }: MergePlan): boolean {
  const now = ports.git.named(
    project.top,
    moves.map(move => move.ref),
  )
  return moves.some(move => (now.get(move.ref) ?? null) !== move.old)
}

/** The backups exist exactly from the moment the branches moved until the merge is taken back. */
export function hasLanded(ports: Pick<Ports, 'git'>, project: Project, plan: MergePlan): boolean {
  const [first] = plan.backups
  return first !== undefined && ports.git.named(project.top, [first.ref]).get(first.ref) === first.new
}

/** Files and index follow the branch, unless somebody has gone on from there already. */
async function bringCheckout(ports: Stage, plan: MergePlan): Promise<void> {
  const { checkout } = plan
  if (checkout === null || ports.git.head(checkout.path).sha !== checkout.to) return
  const writes = await rewrites(ports, plan, 'forth')
  const move = {
    kind: 'move_checkout',
    checkout: checkout.path,
    from: sha(checkout.from),
    to: sha(checkout.to),
  } as const
  await ports.perform([...writes, move])
}

/** Worktrees without uncommitted work, and branches that stand where the merge found them; the rest stays, with the reason. */
export async function cleanUp(
  ports: Stage,
  project: Project,
  plan: Pick<MergePlan, 'moves' | 'worktrees' | 'branches' | 'contexts'>,
): Promise<Landing> {
  const kept: { subject: string; reason: string }[] = []
  const removed: string[] = []
  // One after the other: git reads what it knows of all worktrees, and fails where one of them is just going.
  for (const tree of plan.worktrees) {
    const reason = await removeWorktree(ports, project, tree)
    if (reason === undefined) removed.push(tree.path)
    else kept.push({ subject: tree.path, reason })
  }
  const awaited = await forgetVanished(ports, project, plan)
  kept.push(...awaited.map(({ path, locked }) => ({ subject: path, reason: locked ? LOCKED : NO_GIT })))
  const staying = [...plan.worktrees.filter(tree => !removed.includes(tree.path)), ...awaited]
  const lost = new Set(staying.map(tree => `refs/heads/${tree.branch}`))
  const now = ports.git.named(
    project.top,
    plan.branches.map(branch => branch.ref),
  )
  const standing = ports.git.head(project.top).branch
  const updates: RefUpdate[] = []
  const gone: string[] = []
  for (const branch of plan.branches) {
    const tip = now.get(branch.ref) ?? null
    if (lost.has(branch.ref)) kept.push({ subject: branch.ref, reason: 'its worktree was kept' })
    else if (tip !== null && tip !== branch.old)
      kept.push({ subject: branch.ref, reason: 'it has new commits' })
    else if (branch.ref === `refs/heads/${standing}`) kept.push({ subject: branch.ref, reason: CHECKED_OUT })
    else {
      gone.push(branch.ref)
      const built = plan.moves.some(move => move.ref === branch.ref && move.new === branch.old)
      if (tip !== null) updates.push({ ...toUpdate(branch), built })
    }
  }
  const message = 'spec-kitty merge: clean up'
  const contexts = plan.contexts.map(({ path }): Change => ({ kind: 'delete_file', path }))
  await ports.perform([
    ...(updates.length > 0 ? [{ kind: 'update_refs', repo: project.top, message, updates } as const] : []),
    ...contexts,
  ])
  return {
    removedWorktrees: removed,
    deletedBranches: gone.map(ref => ref.slice('refs/heads/'.length)),
    kept,
  }
}

const NO_GIT = 'its folder has lost its .git'

/**
 * Git keeps a worktree on its list whose folder was removed by hand. Answers those that stay: git was told to keep them,
 * or their folder is there and has lost its `.git`.
 */
async function forgetVanished(
  ports: Stage,
  project: Project,
  { branches }: Pick<MergePlan, 'branches'>,
): Promise<readonly Worktree[]> {
  const gone = (await ports.git.worktrees(project.top)).filter(
    tree => tree.prunable && branches.some(({ ref }) => ref === `refs/heads/${tree.branch}`),
  )
  const stays = ({ path, locked }: Worktree) => locked === true || ports.files.stat(path) !== undefined
  for (const tree of gone.filter(tree => !stays(tree)))
    await ports.perform([{ kind: 'remove_worktree', repo: project.top, path: tree.path }])
  return gone.filter(stays)
}

/** Answers why the worktree was kept, undefined when it is gone. Git itself refuses when there is uncommitted work. */
async function removeWorktree(
  ports: Stage,
  project: Project,
  tree: MergePlan['worktrees'][number],
): Promise<string | undefined> {
  if (isInside(tree.path, ports.env.cwd)) return 'you are standing in it'
  try {
    await ports.perform([
      ...tree.litter.map((path): Change => ({ kind: 'delete_file', path })),
      { kind: 'remove_worktree', repo: project.top, path: tree.path },
    ])
    return undefined
  } catch (cause) {
    if (cause instanceof KittyError && cause.code === 'git_failed') return cause.message
    throw cause
  }
}

/**
 * Takes a merge back: branches, checkout, worktrees and files are what they were. Throws `merge_not_abortable` when it
 * was pushed, or when the branches have moved on since.
 */
export async function takeBack(
  ports: Stage,
  project: Project,
  state: MergeState,
): Promise<readonly string[]> {
  const { plan } = state
  const finish = () =>
    ports.perform(
      deleteJournal(
        ports,
        project,
        state.mission_slug,
        plan?.files.map(file => file.path),
      ),
    )
  if (plan === null || (state.phase !== 'aborting' && !hasLanded(ports, project, plan))) {
    await finish()
    return []
  }
  if (state.phase !== 'aborting') {
    requireAbortable(ports, project, state, plan)
    await ports.perform([writeJournal(project, { ...state, phase: 'aborting' })])
  }
  if (hasLanded(ports, project, plan)) await ports.perform([restoreRefs(ports, project, plan)])
  await restoreCheckout(ports, plan)
  await restoreWorktrees(ports, project, plan)
  await finish()
  return plan.moves.map(move => move.ref)
}

function requireAbortable(ports: Ports, project: Project, state: MergeState, plan: MergePlan): void {
  const backups = plan.backups.map(backup => backup.ref)
  if (state.phase === 'pushed') {
    throw new KittyError(
      'merge_not_abortable',
      `The merge of ${state.mission_slug} has been pushed already`,
      {
        hint: sh`Finish it: spec-kitty merge --resume --mission ${state.mission_slug}`,
        data: { backup_refs: backups },
      },
    )
  }
  const refs = [...plan.moves, ...plan.branches].map(move => move.ref)
  const now = ports.git.named(project.top, refs)
  const deleted = new Map(plan.branches.map(branch => [branch.ref, branch.old]))
  const elsewhere = refs.find(ref => {
    const tip = now.get(ref) ?? null
    const move = plan.moves.find(item => item.ref === ref)
    const expected = move === undefined ? deleted.get(ref) : move.new
    return tip !== expected && !(tip === null && deleted.has(ref))
  })
  if (elsewhere === undefined) return
  throw new KittyError('merge_not_abortable', `${elsewhere} has moved on since the merge`, {
    hint: sh`Finish the merge (spec-kitty merge --resume --mission ${state.mission_slug}); the old values are kept under ${backups[0] ?? 'refs/kitty/backup'}`,
    data: { backup_refs: backups },
  })
}

/** One transaction: branches back, deleted ones made again, backups gone. */
function restoreRefs(ports: Ports, project: Project, plan: MergePlan): Change {
  const wanted = new Map(plan.moves.map(move => [move.ref, move.old]))
  for (const branch of plan.branches) if (!wanted.has(branch.ref)) wanted.set(branch.ref, branch.old)
  const now = ports.git.named(project.top, [...wanted.keys()])
  const updates = [...wanted].map(([ref, old]) => ({ ref, old: now.get(ref) ?? null, new: sha(old) }))
  const backups = plan.backups.map(backup => ({ ref: backup.ref, old: sha(backup.new), new: null }))
  const real = updates.filter(update => update.old !== update.new)
  return {
    kind: 'update_refs',
    repo: project.top,
    message: 'spec-kitty merge --abort',
    updates: [...real, ...backups],
  }
}

async function restoreCheckout(ports: Stage, plan: MergePlan): Promise<void> {
  const { checkout } = plan
  if (checkout === null || ports.git.head(checkout.path).sha !== checkout.from) return
  const move = {
    kind: 'move_checkout',
    checkout: checkout.path,
    from: sha(checkout.to),
    to: sha(checkout.from),
  } as const
  await ports.perform([move])
  await ports.perform(await rewrites(ports, plan, 'back'))
}

/**
 * Writes uncommitted bookkeeping: `after` when landing, `before` on the way back, where the move may have put the
 * committed version there meanwhile. A file with any other content was edited since: it is left alone, and the move of
 * the checkout refuses rather than lose it.
 */
async function rewrites(
  ports: Ports,
  { checkout, files }: MergePlan,
  direction: 'forth' | 'back',
): Promise<readonly Change[]> {
  if (checkout === null || files.length === 0) return []
  const specs = files.flatMap(file => {
    const committed = `${checkout.from}:${relativeTo(checkout.path, file.path)}`
    return direction === 'forth'
      ? [file.after, file.before, file.before]
      : [file.before, file.after, committed]
  })
  const contents = await ports.git.blobs(checkout.path, specs)
  return files.flatMap((file, i): Change[] => {
    const [content, ...expected] = contents.slice(3 * i, 3 * i + 3)
    const disk = ports.files.bytes(file.path)
    const untouched =
      disk === undefined || expected.some(bytes => bytes !== undefined && sameBytes(disk, bytes))
    return untouched && content !== undefined ? [{ kind: 'write_file', path: file.path, content }] : []
  })
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

async function restoreWorktrees(ports: Stage, project: Project, plan: MergePlan): Promise<void> {
  for (const { path, branch } of plan.worktrees) {
    await ports.perform([{ kind: 'add_worktree', repo: project.top, path, branch }])
  }
  await ports.perform(
    plan.contexts.map(({ path, text }): Change => ({ kind: 'write_file', path, content: text })),
  )
}

function toUpdate(move: MergePlan['moves'][number]): RefUpdate {
  return {
    ref: move.ref,
    old: move.old === null ? null : sha(move.old),
    new: move.new === null ? null : sha(move.new),
  }
}

function sha(text: string | null): Sha {
  const parsed = parseSha(text ?? '')
  if (parsed) return parsed
  throw new KittyError(
    'file_malformed',
    `The merge journal holds ${JSON.stringify(text)} where an object id belongs`,
  )
}
