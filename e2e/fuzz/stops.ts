/** Operations of git that stop half-way, and what people do in the middle of one. */
import type { Team } from './team.ts'

type Script = (team: Team) => string

const todo = (edit: string): string => `GIT_SEQUENCE_EDITOR='sed -i ${edit}' git rebase -q -i HEAD~1`

const BEGINNINGS: readonly Script[] = [
  () => todo('1s/^pick/edit/'),
  () => todo('1abreak'),
  () => todo("'1aexec false'"),
  () => 'git rebase -q --exec false HEAD~1',
  ({ stage }) => `git rebase -q --apply ${quoted(stage.target)}`,
  ({ stage }) => `git rebase -q --autostash ${quoted(stage.target)}`,
  ({ stage }) =>
    `rm -rf ../mails; git format-patch -q -o ../mails ${quoted(stage.target)} && git am -q -3 ../mails/*.patch`,
  ({ stage }) => `git cherry-pick HEAD ${quoted(stage.target)}`,
  ({ stage }) =>
    `git cherry-pick HEAD~1..HEAD; git cherry-pick ${quoted(stage.target)}~2..${quoted(stage.target)}`,
  () => 'git revert --no-edit HEAD HEAD~1',
  () => 'git revert --no-commit HEAD',
  () => 'git merge -q --no-commit --no-ff HEAD~1',
  () => 'git bisect start HEAD HEAD~1 && git bisect bad',
  () => 'git stash push -q && git stash pop -q; git stash apply -q',
]

/** Begins one; in half of the walks somebody edits or commits before it is ended. */
export function stop(team: Team, edit: Script): string {
  const { dice, stage } = team
  const begin = `${dice.pick(BEGINNINGS)(team)} >/dev/null 2>&1`
  const after: readonly Script[] = [
    edit,
    () => `${edit(team)}\ngit add -A`,
    () => `git add -A; git commit -q --allow-empty -m ${stage.word()}`,
    () => `git commit -q --amend -m ${stage.word()}; ${edit(team)}\ngit add -A`,
    () => `git add -A; git commit -q --allow-empty -m ${stage.word()}; ${edit(team)}`,
  ]
  return dice.chance(0.5) ? begin : `${begin}\n${dice.pick(after)(team)}`
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
