/** What people do with git and a shell, without asking the product. */
import { type Action, laneFolders, work } from './actions.ts'
import { laneBranchOf, MISSION_BRANCH, PATHS, quote, REL } from './stage.ts'
import { stop } from './stops.ts'
import type { Team } from './team.ts'

/** A checkout: mostly a lane, sometimes the top. */
function place(team: Team, top = 0.4): string {
  const folders = laneFolders(team)
  return folders.length === 0 || team.dice.chance(top) ? '.' : team.dice.pick(folders)
}

function lane(team: Team): string | undefined {
  const folders = laneFolders(team)
  return folders.length === 0 ? undefined : team.dice.pick(folders)
}

const path = (team: Team): string => quote(team.dice.pick(PATHS))
const target = (team: Team): string => quote(team.stage.target)
const parent = (file: string): string => `mkdir -p "$(dirname ${file})" 2>/dev/null`

type Edit = (team: Team) => string

const EDITS: readonly Edit[] = [
  team => `f=${path(team)}; ${parent('"$f"')}; echo ${team.stage.word()} >> "$f"`,
  team => `f=${path(team)}; [ -f "$f" ] && sed -i '${1 + team.dice.int(12)}s/.*/${team.stage.word()}/' "$f"`,
  team =>
    `f=${path(team)}; ${parent('"$f"')}; printf '${team.stage.word()}\\r\\n${team.stage.word()}\\r\\n' > "$f"`,
  team => `f=${path(team)}; t=${path(team)}; ${parent('"$t"')}; [ -e "$f" ] && [ ! -e "$t" ] && mv "$f" "$t"`,
  team => `f=${path(team)}; [ -f "$f" ] && chmod ${team.dice.pick(['+x', '-x'])} "$f"`,
  team => `f=${path(team)}; rm -rf "$f"`,
  team =>
    `f=${path(team)}; rm -rf "$f"; ${parent('"$f"')}; ln -s ${team.dice.pick(['a.txt', 'nowhere', '/etc/hostname', 'dir'])} "$f"`,
  team =>
    `f=${path(team)}; rm -rf "$f"; mkdir -p "$f" 2>/dev/null; echo ${team.stage.word()} > "$f/inner.txt"`,
  team => `f=${path(team)}; rm -rf "$f"; ${parent('"$f"')}; echo ${team.stage.word()} > "$f"`,
  team => `echo ${team.stage.word()} > secret-${team.dice.int(3)}.log`,
  team => `mkdir -p .kittify/charter; echo ${team.stage.word()} > .kittify/charter/notes.md`,
  team => `[ -f ${REL}/spec.md ] && echo ${team.stage.word()} >> ${REL}/spec.md`,
  team => `[ -f ${REL}/tasks.md ] && echo ${team.stage.word()} >> ${REL}/tasks.md`,
  team => `echo ${team.stage.word()} > ${REL}/note-${team.dice.int(3)}.md`,
  team =>
    `f=$(ls ${REL}/tasks/WP0*.md 2>/dev/null | head -1); [ -n "$f" ] && echo ${team.stage.word()} >> "$f"`,
]

const vendored = (team: Team): string | undefined => (team.stage.beside.length > 0 ? '.' : undefined)

function edit(team: Team): string {
  return team.dice.pick(EDITS)(team)
}

const sh =
  (script: (team: Team) => string, where: (team: Team) => string | undefined) =>
  (team: Team): void => {
    const cwd = where(team)
    if (cwd !== undefined) team.sh(script(team), cwd)
  }

const branchOf = (team: Team): string =>
  laneBranchOf(team.dice.pick(['lane-a', 'lane-b', ...team.stage.lanes().map(row => row.lane_id)]))
const raw = (
  name: string,
  weight: number,
  script: (team: Team) => string,
  where = (team: Team): string | undefined => place(team),
): Action => ({
  name,
  weight,
  perform: sh(script, where),
})
const top = (): string => '.'

export const RAW_ACTIONS: readonly Action[] = [
  raw('edit', 14, edit),
  raw(
    'edits, committed',
    12,
    team => `${edit(team)}\n${edit(team)}\ngit add -A; git commit -qm ${team.stage.word()}`,
  ),
  { name: 'work', weight: 8, perform: team => work(team, place(team, 0.2)) },
  raw('staged', 4, team => `${edit(team)}\ngit add -A${team.dice.chance(0.5) ? `\n${edit(team)}` : ''}`),
  raw(
    'intent to add',
    1,
    team => `f=new-${team.dice.int(3)}.txt; echo ${team.stage.word()} > $f; git add -N $f`,
  ),
  raw(
    'mode in the index',
    1,
    team => `f=${path(team)}; git update-index --chmod=+x "$f" && git commit -qm mode`,
  ),
  raw(
    'hidden edit',
    1,
    team =>
      `git update-index --${team.dice.pick(['skip-worktree', 'assume-unchanged'])} a.txt && echo ${team.stage.word()} >> a.txt`,
  ),
  raw(
    'rename in git',
    3,
    team =>
      `git mv ${team.dice.pick(['a.txt', 'dir', 'tool.sh', 'b.txt'])} ${team.dice.pick(['moved', 'dir2', 'x.txt'])} && git commit -qm mv`,
  ),
  raw('commit', 6, team => `git add -A; git commit -qm ${team.stage.word()}`),
  raw('amend', 2, team => `git commit -q --amend -m ${team.stage.word()}`, lane),
  raw(
    'detach',
    3,
    team =>
      `git switch -q --detach${team.dice.chance(0.5) ? ` && ${edit(team)}; git add -A; git commit -qm ${team.stage.word()}` : ''}`,
  ),
  raw(
    'switch back',
    3,
    team => `git switch -q ${team.dice.pick([target(team), 'side', MISSION_BRANCH, branchOf(team)])}`,
  ),
  raw('other branch', 2, () => 'git switch -q side 2>/dev/null || git switch -q -c side', top),
  raw(
    'rebase',
    3,
    team =>
      `git rebase ${team.dice.pick([target(team), MISSION_BRANCH, 'HEAD~1'])} >/dev/null 2>&1${team.dice.chance(0.5) ? ' || git rebase --abort' : ''}`,
    lane,
  ),
  raw('stops half-way', 4, team => stop(team, edit), lane),
  raw('stops half-way in the checkout', 1, team => stop(team, edit), top),
  raw(
    'merge in git',
    3,
    team =>
      `git merge -q --no-edit ${team.dice.pick([target(team), 'side', branchOf(team)])} >/dev/null 2>&1${team.dice.chance(0.6) ? ' || git merge --abort' : ''}`,
  ),
  raw(
    'cherry-pick',
    1,
    team =>
      `git cherry-pick ${branchOf(team)} >/dev/null 2>&1${team.dice.chance(0.5) ? ' || git cherry-pick --abort' : ''}`,
  ),
  raw('bisect', 1, () => 'git bisect start >/dev/null 2>&1', lane),
  raw('lane removed by hand', 3, team => `rm -rf ${quote(lane(team) ?? '.worktrees/none')}`, top),
  raw(
    'worktree removed',
    2,
    team => `git worktree remove ${team.dice.chance(0.5) ? '--force ' : ''}${quote(lane(team) ?? 'none')}`,
    top,
  ),
  raw(
    'worktree moved',
    1,
    team => `mv ${quote(lane(team) ?? 'none')} .worktrees/elsewhere-${team.stage.word()}`,
    top,
  ),
  raw(
    'worktree moved by git',
    1,
    team => `git worktree move ${quote(lane(team) ?? 'none')} .worktrees/moved-${team.stage.word()}`,
    top,
  ),
  raw('worktree locked', 1, team => `git worktree lock ${quote(lane(team) ?? 'none')}`, top),
  raw('.git of a lane removed', 1, team => `rm -f ${quote(lane(team) ?? 'none')}/.git`, top),
  raw(
    'staged, and removed by hand',
    1,
    team => {
      const folder = quote(lane(team) ?? '.worktrees/none')
      return `[ -d ${folder} ] && (cd ${folder} && { ${edit(team)}\ngit add -A; }); rm -rf ${folder}`
    },
    top,
  ),
  raw(
    'reference of its own',
    1,
    team =>
      `git update-ref refs/worktree/${team.stage.word()} $(git commit-tree -p HEAD -m own 'HEAD^{tree}')`,
    lane,
  ),
  raw(
    'branch moved',
    1,
    team => `git branch -f ${branchOf(team)} ${team.dice.pick([target(team), MISSION_BRANCH])}`,
    top,
  ),
  raw(
    'history of its own',
    1,
    team => `git switch -q --orphan ${team.stage.word()} && git commit -q --allow-empty -m own`,
    lane,
  ),
  raw(
    'log with conflict markers',
    1,
    team =>
      `f=${REL}/status.events.jsonl; [ -f $f ] && printf '<<<<<<< HEAD\n${team.stage.word()}\n=======\n>>>>>>> other\n' >> $f && git add $f && git commit -qm markers`,
    lane,
  ),
  raw('meta.json broken', 1, () => `printf '{ no\n' > ${REL}/meta.json && git commit -qam broken`, lane),
  raw(
    'mission files moved',
    1,
    () => `git mv ${REL}/spec.md ${REL}/specification.md && git commit -qm moved`,
    lane,
  ),
  raw(
    'hooks',
    1,
    team =>
      `mkdir -p ../hooks; printf '#!/bin/sh\nexit 1\n' > ../hooks/post-commit; chmod +x ../hooks/post-commit; git config ${team.dice.pick(['core.hooksPath ../hooks', '--unset core.hooksPath', '--unset core.hooksPath'])}`,
    top,
  ),
  raw(
    'settings',
    1,
    team =>
      `git config ${team.dice.pick(['merge.renames false', 'status.showUntrackedFiles no', 'core.splitIndex true', 'index.version 4', 'status.renames false', 'core.logAllRefUpdates false', 'merge.conflictStyle diff3', 'core.quotePath false', 'submodule.recurse true'])}`,
    top,
  ),
  raw('cleaned', 1, () => 'git clean -fdq'),
  raw('taken out of the index', 1, team => `git rm -q --cached ${team.dice.pick(['a.txt', 'tool.sh'])}`),
  raw('prune', 1, () => 'git worktree prune', top),
  raw('branch deleted', 2, team => `git branch -D ${branchOf(team)}`, top),
  raw(
    'reference deleted',
    1,
    team => `git update-ref -d refs/heads/${team.dice.chance(0.3) ? MISSION_BRANCH : branchOf(team)}`,
    top,
  ),
  raw('mission branch deleted', 1, () => `git branch -D ${MISSION_BRANCH}`, top),
  raw('lane branch made', 1, team => `git branch ${branchOf(team)} ${target(team)}`, top),
  raw('target renamed', 1, team => `git branch -m ${target(team)} trunk`, top),
  raw('stash', 3, team => `git stash -q${team.dice.chance(0.5) ? ' --include-untracked' : ''}`),
  raw('stash pop', 2, () => 'git stash pop -q >/dev/null 2>&1'),
  raw(
    'reset',
    2,
    team => `git reset -q ${team.dice.pick(['--soft HEAD~1', '--mixed HEAD', '--keep HEAD~1'])}`,
    lane,
  ),
  raw('index lock', 1, () => 'touch "$(git rev-parse --git-dir)/index.lock"'),
  raw(
    'nested repository',
    1,
    team =>
      `git init -q crate && cd crate && echo ${team.stage.word()} > main.rs && git add -A && git commit -qm inner`,
    lane,
  ),
  raw(
    'mission files out of a lane',
    1,
    team =>
      team.dice.chance(0.5)
        ? `git rm -rq ${REL} && git commit -qm tidy`
        : `git rm -q ${REL}/plan.md && git commit -qm tidy`,
    lane,
  ),
  raw(
    'worktree inside a lane',
    1,
    team => `git worktree add -q --detach tools/inner-${team.dice.int(2)} && ${edit(team)}`,
    lane,
  ),
  raw('worktree unlocked', 1, team => `git worktree unlock ${quote(lane(team) ?? 'none')}`, top),
  raw('worktree repaired', 1, () => 'git worktree repair .worktrees/*', top),
  raw(
    'case-only rename',
    1,
    team => `git mv ${team.dice.pick(['a.txt A.txt', 'dir DIR', 'tool.sh Tool.sh'])} && git commit -qm case`,
  ),
  raw(
    'sparse checkout',
    1,
    team =>
      `git sparse-checkout ${team.dice.pick(['set src kitty-specs', 'set dir kitty-specs .kittify', 'disable'])}`,
  ),
  raw(
    'sparse checkout without the mission',
    1,
    team => `git sparse-checkout ${team.dice.pick(['set src', 'disable', 'disable'])}`,
    lane,
  ),
  raw('garbage collected', 1, () => 'git gc -q --prune=now', top),
  raw('forgotten', 1, () => 'git reflog expire --expire=now --all && git gc -q --prune=now', top),
  raw('packed', 1, () => 'git pack-refs --all', top),
  raw('line ends', 1, team =>
    team.dice.chance(0.6)
      ? `git config core.autocrlf ${team.dice.pick(['true', 'input', 'false'])}`
      : `echo '${team.dice.pick(['*.txt text eol=crlf', '*.txt -text', '* text=auto'])}' > .gitattributes; git add -A; git commit -qm attributes`,
  ),
  raw('modes ignored', 1, team => `git config core.fileMode ${team.dice.pick(['false', 'true'])}`, top),
  raw(
    'tag of the same name',
    1,
    team =>
      `git tag ${team.dice.pick([target(team), branchOf(team), MISSION_BRANCH, `origin/${target(team)}`])} HEAD`,
    top,
  ),
  raw(
    'signing',
    1,
    team => `git config gpg.program false; git config commit.gpgsign ${team.dice.pick(['true', 'false'])}`,
    top,
  ),
  raw('branch renamed', 1, team => `git branch -m ${branchOf(team)} renamed-${team.stage.word()}`, top),
  raw(
    'submodule update',
    2,
    () => 'git submodule -q update --init',
    team => vendored(team) && place(team),
  ),
  raw(
    'submodule commit',
    2,
    team =>
      `[ -e vendor/lib/.git ] && cd vendor/lib && echo ${team.stage.word()} >> lib.txt && git commit -qam lib${team.dice.chance(0.6) ? ' && cd ../.. && git add vendor/lib && git commit -qm bump' : ''}`,
    team => vendored(team) && place(team),
  ),
  raw(
    'submodule dirt',
    1,
    team => `[ -e vendor/lib/.git ] && echo ${team.stage.word()} >> vendor/lib/lib.txt`,
    team => vendored(team) && place(team),
  ),
  raw(
    'mate forces',
    1,
    team =>
      `[ -d ../mate ] && cd ../mate && git commit -q --amend -m ${team.stage.word()} && git push -q -f origin HEAD`,
    top,
  ),
  raw(
    'remote rejects',
    1,
    team =>
      team.dice.chance(0.5)
        ? `[ -d ../remote.git ] && mkdir -p ../remote.git/hooks && printf '#!/bin/sh\necho no pushes; exit 1\n' > ../remote.git/hooks/pre-receive && chmod +x ../remote.git/hooks/pre-receive`
        : 'rm -f ../remote.git/hooks/pre-receive',
    top,
  ),
  raw(
    'push',
    3,
    team => `git push -q origin ${team.dice.pick([target(team), '--all', branchOf(team)])}`,
    top,
  ),
  raw(
    'mate pushes',
    4,
    team =>
      `[ -d ../mate ] && cd ../mate && git pull -q --no-rebase >/dev/null 2>&1; [ -d ../mate ] || exit 0; ${edit(team)}\ngit add -A; git commit -qm ${team.stage.word()}; git push -q origin HEAD`,
    top,
  ),
  raw(
    'mate pushes to a lane',
    1,
    team =>
      `cd ../mate && git fetch -q && git switch -q ${branchOf(team)} && echo ${team.stage.word()} > mate.txt && git add -A && git commit -qm mate && git push -q; git switch -q ${target(team)}`,
    top,
  ),
  raw('fetch', 3, () => 'git fetch -q origin', top),
  raw('pull --rebase', 2, team => `git pull -q --rebase origin ${target(team)} >/dev/null 2>&1`, top),
  raw('pull', 2, team => `git pull -q --no-rebase origin ${target(team)} >/dev/null 2>&1`, top),
]
