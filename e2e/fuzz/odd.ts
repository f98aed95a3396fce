/** States that people bring about by accident, too seldom for a long walk: dense ones begin with them. */
import { type Action, laneFolders } from './actions.ts'
import { laneBranchOf, MISSION_BRANCH, quote, REL } from './stage.ts'
import type { Team } from './team.ts'

const COMMON = '"$(git rev-parse --git-common-dir)"'

type Script = (team: Team, branch: string) => string

/** Typed in the folder of a lane. */
const IN_LANES: Readonly<Record<string, Script>> = {
  'soft reset': () => 'git reset -q --soft HEAD~1',
  'mixed reset': () => 'git reset -q HEAD~1',
  'branch gone under the worktree': () => 'git symbolic-ref -q HEAD >/dev/null && git update-ref -d HEAD',
  'branch in a second worktree': (_, branch) =>
    `git switch -q --detach && git worktree add -q ../../../second ${branch}`,
  'another name for the branch': (_, branch) =>
    `git symbolic-ref refs/heads/alias refs/heads/${branch} && git switch -q alias`,
  'a pipe': () => 'mkfifo pipe',
  'an ignored folder of its own': ({ stage }) =>
    `mkdir -p .env.d; echo ${stage.word()} > .env.d/key; echo .env.d >> .gitignore; git add -A; git commit -qm ignore`,
  'a merge of the other lanes': () =>
    `git merge -q --no-edit $(git for-each-ref --format='%(refname:short)' 'refs/heads/*-lane-*') >/dev/null 2>&1`,
  'a link out': () => 'ln -s /etc/hostname out; git add -A; git commit -qm link',
}

/** Typed at the top, about a lane: its folder and its branch. */
const AT_TOP: Readonly<Record<string, (team: Team, folder: string, branch: string) => string>> = {
  'registration gone': (_, folder) => `rm -rf ${COMMON}/worktrees/$(basename ${folder})`,
  'checkout on the branch of a lane': (_, folder, branch) =>
    `git worktree remove --force ${folder} && git switch -q ${branch}`,
  'a copy of the folder': (_, folder) => `cp -a ${folder} .worktrees/copy`,
  'a link to the folder': (_, folder) => `mv ${folder} ../outside && ln -s "$PWD/../outside" ${folder}`,
  'mission branch deleted': () => `git branch -q -D ${MISSION_BRANCH}`,
  'mission branch ahead': ({ stage }) =>
    `git switch -q ${MISSION_BRANCH} && echo ${stage.word()} > m.txt && git add m.txt && git commit -qm ahead; git switch -q ${quote(stage.target)}`,
  'target in another worktree': ({ stage }) =>
    `git switch -q -c side && git worktree add -q ../hotfix ${quote(stage.target)}`,
  'worktrees added as links': () => 'git add -f .worktrees && git commit -qm links',
  'an ignored file in the way': ({ stage }) =>
    `echo src/wp01/code.txt >> ${COMMON}/info/exclude; mkdir -p src/wp01 && echo ${stage.word()} > src/wp01/code.txt`,
  'a directory in the way': ({ stage }) =>
    `mkdir -p src/wp01/code.txt && echo ${stage.word()} > src/wp01/code.txt/x`,
  'a file in the way': ({ stage }) => `echo ${stage.word()} > src`,
  'log with other line ends': () => `sed -i 's/$/\\r/' ${REL}/status.events.jsonl`,
  'log out of the index': () => `git rm -q --cached ${REL}/status.events.jsonl`,
  'snapshot gone': () => `rm -f ${REL}/status.json`,
  'markers in meta.json': () =>
    `printf '<<<<<<< HEAD\\n=======\\n>>>>>>> x\\n' >> ${REL}/meta.json; git commit -qam markers`,
  'settings gone': () => 'rm -rf .kittify',
  'package without its file': () => `git rm -q ${REL}/tasks/WP01-*.md && git commit -qm 'no WP01'`,
  'target renamed': ({ stage }) => `git branch -m ${quote(stage.target)} trunk`,
}

function aLane(team: Team): readonly [string, string] | undefined {
  const folders = laneFolders(team)
  if (folders.length === 0) return undefined
  const folder = team.dice.pick(folders)
  return [folder, laneBranchOf(/lane-\w+$/.exec(folder)?.[0] ?? 'lane-a')]
}

export const ODD_ACTIONS: readonly Action[] = [
  ...Object.entries(IN_LANES).map(
    ([name, script]): Action => ({
      name,
      weight: 1,
      perform: team => {
        const [folder, branch] = aLane(team) ?? []
        if (folder !== undefined && branch !== undefined) team.sh(script(team, branch), folder)
      },
    }),
  ),
  ...Object.entries(AT_TOP).map(
    ([name, script]): Action => ({
      name,
      weight: 1,
      perform: team => {
        const [folder = '.worktrees/none', branch = laneBranchOf('lane-a')] = aLane(team) ?? []
        team.sh(script(team, folder, branch))
      },
    }),
  ),
]
