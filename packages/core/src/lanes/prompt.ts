/** The prompt of `agent action implement`: where to work, on what, and how to report back. */

import { sh } from '@spec-kitty/contracts/sh'
import { bullets, compose, fit, instructions, section } from './brief.ts'

export interface ImplementBrief {
  readonly wpId: string
  readonly title: string
  readonly missionSlug: string
  readonly agent: string
  /** Absolute directory to work in. */
  readonly workspace: string
  readonly branch: string
  /** False for planning work in the checkout itself. */
  readonly isolated: boolean
  /** Absolute. */
  readonly missionDir: string
  readonly wpFile: string
  readonly body: string
  /** `T001 write the parser`, in order; ticked ones left out. */
  readonly openSubtasks: readonly string[]
  readonly subtaskIds: readonly string[]
  readonly ownedFiles: readonly string[]
  readonly dependencies: readonly DependencyBrief[]
  /** Set when a review sent the work back. */
  readonly feedback: { readonly path: string; readonly text: string } | undefined
  readonly testEnv: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}

export interface DependencyBrief {
  readonly wpId: string
  readonly title: string
  readonly lane: string
  readonly ownedFiles: readonly string[]
  readonly wpFile: string
}

/** Under 6 KB whatever the work package holds; long texts end with the path of the file. */
export function implementPrompt(brief: ImplementBrief): string {
  const before = [
    `# ${brief.feedback === undefined ? 'Implement' : 'Fix'} ${brief.wpId}: ${brief.title}\n`,
    section('Where to work', where(brief)),
    feedback(brief),
  ]
  const after = [
    section('Open subtasks', bullets(brief.openSubtasks, 12)),
    section('Files this work package owns', bullets(brief.ownedFiles, 12)),
    section('What it builds on', bullets(brief.dependencies.map(dependency), 6)),
    section('Notes', bullets(brief.warnings, 4)),
    section('When it is done', report(brief)),
  ]
  const more = `… the rest is in ${brief.wpFile}`
  return compose(
    before,
    bytes => section('What to do', fit(instructions(brief.body), bytes - 20, more)),
    after,
  )
}

function where(brief: ImplementBrief): string {
  const env = Object.entries(brief.testEnv).map(
    ([key, value]) => `Set ${key}=${value} when tests need their own database.`,
  )
  const enter = sh`cd ${brief.workspace}`
  if (!brief.isolated) {
    return `This is planning work: it happens in the checkout itself, on ${brief.branch}, without a worktree.\n\n    ${enter}\n\nSpec, plan and tasks are in ${brief.missionDir}.`
  }
  return [
    `Work only in this worktree, on its branch ${brief.branch}:\n\n    ${enter}\n`,
    `Read spec.md, plan.md and the work package in ${brief.missionDir}; leave kitty-specs/ in the worktree alone.`,
    ...env,
  ].join('\n')
}

function feedback(brief: ImplementBrief): string {
  if (brief.feedback === undefined) return ''
  const { path, text } = brief.feedback
  return section(
    'The review sent it back',
    `${fit(text, 1500, `… the rest is in ${path}`)}\n\nFull review: ${path}`,
  )
}

function dependency(item: DependencyBrief): string {
  const owns = item.ownedFiles.length === 0 ? '' : `, its files: ${item.ownedFiles.slice(0, 4).join(', ')}`
  return `${item.wpId} ${item.title} (${item.lane}): its code is here${owns}. Contract: ${item.wpFile}`
}

function report(brief: ImplementBrief): string {
  const { wpId, missionSlug, agent } = brief
  const mission = ['--mission', missionSlug]
  const commit = brief.isolated
    ? sh`cd ${brief.workspace} && git add -- FILES && git commit -m ${`feat(${wpId}): <what it does>`}`
    : sh`git add -- FILES && git commit -m ${`docs(${wpId}): <what it does>`}`
  const tick =
    brief.subtaskIds.length === 0
      ? []
      : [sh`spec-kitty agent tasks mark-status ${brief.subtaskIds.slice(0, 40)} --status done ${mission}`]
  const steps = [
    commit,
    ...tick,
    sh`spec-kitty agent tasks move-task ${wpId} --to for_review ${mission} --agent ${agent} --note "<what you did, how you tested it>"`,
  ]
  const numbered = steps.map((step, i) => `${i + 1}. \`${step}\``).join('\n')
  const stuck = sh`spec-kitty agent tasks move-task ${wpId} --to blocked ${mission} --agent ${agent} --note "<why>"`
  return `${numbered}\n\nFILES are those you wrote. Test before the first step. If you cannot go on: \`${stuck}\``
}
