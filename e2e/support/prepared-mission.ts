/** The minimal mission, made ready for the Python edition 3.2.0: charter, requirements, ownership, analysis. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MissionRepository, SLUG } from './mission-repository.ts'
import { PROGRAM } from './repository.ts'

/** Caches and notes of the Python edition that it leaves in the tree. */
const LITTER = [
  '.worktrees/',
  'kitty-ops/',
  '.kittify/runtime/',
  '.kittify/workspaces/',
  '.kittify/sync-state.json',
  '.kittify/legacy-warning-shown-*',
  '.kittify/encoding-provenance/',
]

/** What `program` printed. Throws with all it said when its exit status is not 0. */
export function must(repository: MissionRepository, program: string, ...words: string[]): string {
  const { status, stdout, stderr } = repository.run(words, program)
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${status}\n${stdout}\n${stderr}`)
  return stdout
}

/** `first` finalizes the tasks; the rest is the same whoever does it. Everything is committed. */
export function prepareMission(repository: MissionRepository, edition: string, first: string): void {
  const { root, file, git } = repository
  const edit = (name: string, from: string, to: string): void =>
    writeFileSync(file(name), readFileSync(file(name), 'utf8').replaceAll(from, to))
  writeFileSync(join(root, '.gitignore'), `${LITTER.join('\n')}\n`)
  edit('tasks.md', '- [ ]', '**Requirement Refs**: FR-001\n\n- [ ]')
  for (const wp of ['WP01', 'WP02']) {
    edit(`tasks/${wp}-demo.md`, 'history: []', `authoritative_surface: src/${wp}/\nhistory: []`)
  }
  repository.commit('requirements')
  must(repository, edition, 'charter', 'interview', '--profile', 'minimal', '--defaults')
  for (const word of ['generate', 'synthesize']) must(repository, edition, 'charter', word)
  repository.commit('charter')
  must(repository, first, 'agent', 'mission', 'finalize-tasks', '--mission', SLUG, '--json')
  repository.commit('tasks')
  writeFileSync(join(root, '..', 'analysis.md'), '# Analysis\n\nAll fine.\n')
  const report = ['--input-file', join(root, '..', 'analysis.md'), '--agent', 'claude']
  must(repository, PROGRAM, 'agent', 'mission', 'record-analysis', '--mission', SLUG, ...report, '--json')
  repository.commit('analysis')
  const left = git('status', '--porcelain')
  if (left !== '') throw new Error(`not committed:\n${left}`)
}

/** The code of a work package, committed in its lane. */
export function writeCode({ git, root }: MissionRepository, wp: string, lane: string): void {
  const tree = join(root, '.worktrees', `${SLUG}-${lane}`)
  mkdirSync(join(tree, 'src', wp), { recursive: true })
  writeFileSync(join(tree, 'src', wp, 'file.txt'), `${wp}\n`)
  git('-C', tree, 'add', 'src')
  git('-C', tree, 'commit', '-qm', `feat: ${wp}`)
}
