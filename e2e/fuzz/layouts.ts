/** How the git directory and the checkout may lie to each other, and what else a project may be made of. */
import { mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import type { Dice } from './random.ts'

export interface Site {
  readonly w: World
  /** Short name of the branch that the mission goes to. */
  readonly target: string
  /** HEAD of the checkout, as snapshots name it. */
  readonly head: string
  /** Repositories beside the project that have objects of it. */
  readonly beside: readonly string[]
}

/** Git allows it, and a shell would run it. */
const HOSTILE = `ma'in;$(touch${'$'}{IFS}pwned)`

/** An empty repository: mostly an ordinary one. */
export function createSite(dice: Dice): Site {
  const target = dice.chance(0.12) ? HOSTILE : 'main'
  const w = createWorld({
    branch: target,
    env: { LC_ALL: 'C.UTF-8', GIT_MERGE_AUTOEDIT: 'no', GIT_EDITOR: 'true' },
  })
  rmSync(join(w.root, '.git/hooks'), { recursive: true, force: true })
  w.git('config', '--global', 'protocol.file.allow', 'always')
  const layout = dice.chance(0.7) ? plain : dice.pick([apart, linked, submodule])
  const head = layout(w, target)
  return { w, target, head, beside: dice.chance(0.12) ? [vendored(w)] : [] }
}

type Layout = (w: World, target: string) => string

const plain: Layout = () => 'repo/.git/HEAD'

/** `git init --separate-git-dir`. */
const apart: Layout = w => {
  w.git('init', '-q', '--separate-git-dir', join(w.dir, 'apart.git'))
  return 'apart.git/HEAD'
}

/** A worktree of a bare repository. */
const linked: Layout = (w, target) => {
  w.git('commit', '-q', '--allow-empty', '-m', 'root')
  renameSync(join(w.root, '.git'), join(w.dir, 'hub.git'))
  rmdirSync(w.root)
  w.gitAt(w.dir, '--git-dir=hub.git', 'config', 'core.bare', 'true')
  w.gitAt(w.dir, '--git-dir=hub.git', 'worktree', 'add', '-q', 'repo', target)
  return 'hub.git/worktrees/repo/HEAD'
}

const submodule: Layout = w => {
  w.git('commit', '-q', '--allow-empty', '-m', 'root')
  const url = join(w.dir, 'origin-of-repo')
  w.gitAt(w.dir, 'init', '-q')
  rmSync(join(w.dir, '.git/hooks'), { recursive: true, force: true })
  w.gitAt(w.dir, 'submodule', '-q', 'add', url, 'repo')
  w.gitAt(w.dir, 'submodule', '-q', 'absorbgitdirs', 'repo')
  w.gitAt(w.dir, 'commit', '-qm', 'super')
  return '.git/modules/repo/HEAD'
}

/** The project has a submodule of its own; answers where that came from. */
function vendored(w: World): string {
  const lib = join(w.dir, 'lib')
  mkdirSync(lib)
  w.gitAt(lib, 'init', '-q', '-b', 'main')
  rmSync(join(lib, '.git/hooks'), { recursive: true, force: true })
  writeFileSync(join(lib, 'lib.txt'), 'library\n')
  w.gitAt(lib, 'add', '-A')
  w.gitAt(lib, 'commit', '-qm', 'library')
  w.git('submodule', '-q', 'add', lib, 'vendor/lib')
  return lib
}
