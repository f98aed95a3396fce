/** The prompt of `agent action review`: what changed, what was asked for, and how to answer. */
import { sh } from '@spec-kitty/contracts/sh'
import { bullets, compose, fit, instructions, section } from '../lanes/brief.ts'

export interface ReviewBrief {
  readonly wpId: string
  readonly title: string
  readonly missionSlug: string
  readonly reviewer: string
  /** Absolute. */
  readonly workspace: string
  readonly branch: string
  readonly missionDir: string
  readonly wpFile: string
  readonly body: string
  readonly diffCommand: string
  readonly changedFiles: readonly string[]
  readonly ownedFiles: readonly string[]
  /** Those of spec.md and plan.md that the mission has. */
  readonly documents: readonly string[]
  /** Number of the review that begins. */
  readonly cycle: number
  readonly lastFeedback: { readonly path: string; readonly text: string } | undefined
}

/** Approves; the reviewer's name becomes the evidence. */
export function approveCommand(brief: Pick<ReviewBrief, 'wpId' | 'missionSlug' | 'reviewer'>): string {
  const { wpId, missionSlug, reviewer } = brief
  return sh`spec-kitty agent tasks move-task ${wpId} --to approved --mission ${missionSlug} --agent ${reviewer} --reviewer ${reviewer} --note "<what you checked>"`
}

/** Sends the work back with the feedback in a file. */
export function rejectCommand(brief: Pick<ReviewBrief, 'wpId' | 'missionSlug' | 'reviewer'>): string {
  const { wpId, missionSlug, reviewer } = brief
  return sh`spec-kitty agent tasks move-task ${wpId} --to planned --mission ${missionSlug} --agent ${reviewer} --reviewer ${reviewer} --review-feedback-file FILE`
}

/** Under 6 KB; long texts end with the path of the file. */
export function reviewPrompt(brief: ReviewBrief): string {
  const before = [
    `# Review ${brief.wpId}: ${brief.title} (round ${brief.cycle})\n`,
    section('What changed', changes(brief)),
    lastTime(brief),
  ]
  const after = [section('What to look at', checklist(brief)), section('Your answer', answer(brief))]
  const more = `… the rest is in ${brief.wpFile}`
  return compose(
    before,
    bytes => section('What was asked for', fit(instructions(brief.body), bytes - 30, more)),
    after,
  )
}

function changes(brief: ReviewBrief): string {
  const files =
    brief.changedFiles.length === 0 ? 'No committed change was found.' : bullets(brief.changedFiles, 30)
  return `    ${brief.diffCommand}\n\nThe code is in ${brief.workspace} on ${brief.branch}. Change nothing there.\n\n${files}`
}

function lastTime(brief: ReviewBrief): string {
  if (brief.lastFeedback === undefined) return ''
  const { path, text } = brief.lastFeedback
  return section(
    'What the last review asked for',
    `${fit(text, 1000, `… the rest is in ${path}`)}\n\nFull review: ${path}`,
  )
}

function checklist(brief: ReviewBrief): string {
  const owned =
    brief.ownedFiles.length === 0
      ? []
      : [`- Does it stay inside the files it owns? They are ${brief.ownedFiles.slice(0, 6).join(', ')}.`]
  const documents = brief.documents.map(name => `${brief.missionDir}/${name}`)
  return [
    '- Does the change do what was asked, all of it, and nothing else?',
    ...owned,
    '- Run the tests yourself. Do they run, and would they fail without the change?',
    ...(documents.length === 0 ? [] : [`- Does it keep to ${documents.join(' and ')}?`]),
  ].join('\n')
}

function answer(brief: ReviewBrief): string {
  return [
    `Good as it is: \`${approveCommand(brief)}\``,
    '',
    `To be mended: write what is wrong, where, and how to see it into a file outside the repository, then: \`${rejectCommand(brief)}\``,
  ].join('\n')
}
