/** A forge for tests: a bare remote whose hook refuses pushes to main, and the button that merges a pull request there. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitIn, type Files } from './lanes.ts'
import type { World } from './world.ts'

export interface TestForge {
  /** The remote `origin`. */
  readonly bare: string
  /** Merges a branch into main. `deleted`: the branch goes, as after the button that follows. */
  readonly press: (how: 'squash' | 'merge' | 'rebase', branch: string, deleted?: boolean) => void
  /** Somebody else's work on main. */
  readonly elsewhere: (files: Files) => void
  /** Somebody else's commit on a branch. */
  readonly suggest: (branch: string, files: Files) => void
}

/** Puts the repository of the world, all branches, at `origin`, and follows it. */
export function createForge(world: World): TestForge {
  const bare = join(world.dir, 'origin.git')
  const clone = join(world.dir, 'forge')
  const may = join(world.dir, 'may')
  world.git('clone', '-q', '--bare', world.root, bare)
  world.git('remote', 'add', 'origin', bare)
  world.git('fetch', '-q', 'origin')
  world.git('clone', '-q', bare, clone)
  const hook = join(bare, 'hooks', 'pre-receive')
  const refuse = `[ "$ref" = refs/heads/main ] && [ ! -e ${may} ] && { echo "GH006: Protected branch update failed" >&2; exit 1; }`
  writeFileSync(hook, `#!/bin/sh\nwhile read old new ref; do\n  ${refuse}\ndone\nexit 0\n`)
  chmodSync(hook, 0o755)
  const git = (...args: string[]) => world.gitAt(clone, ...args)
  const start = (name: string, from: string) => {
    git('fetch', '-q', '--prune', 'origin')
    git('checkout', '-q', '-B', name, `origin/${from}`)
  }
  const pushMain = () => {
    writeFileSync(may, '')
    git('push', '-q', 'origin', 'main')
    rmSync(may)
  }
  return {
    bare,
    press: (how, branch, deleted = true) => {
      start('main', 'main')
      if (how === 'merge') git('merge', '-q', '--no-ff', '-m', 'Demo (#7)', `origin/${branch}`)
      else if (how === 'squash') {
        git('merge', '-q', '--squash', `origin/${branch}`)
        git('commit', '-qm', 'Demo (#7)')
      } else {
        git('checkout', '-q', '-B', 'tmp', `origin/${branch}`)
        git('-c', 'user.name=Forge', 'rebase', '-q', '--force-rebase', 'main')
        git('checkout', '-q', '-B', 'main', 'tmp')
      }
      pushMain()
      if (deleted) git('push', '-q', 'origin', '--delete', branch)
    },
    elsewhere: files => {
      start('main', 'main')
      commitIn(world, clone, files, 'elsewhere')
      pushMain()
    },
    suggest: (branch, files) => {
      start('theirs', branch)
      commitIn(world, clone, files, 'suggestion')
      git('push', '-q', 'origin', `theirs:${branch}`)
    },
  }
}
