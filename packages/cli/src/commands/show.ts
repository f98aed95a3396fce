import type { Answer } from '@spec-kitty/contracts/answer'
import { ShowWorkPackage } from '@spec-kitty/contracts/cli/story'
import { showWorkPackage } from '@spec-kitty/core/board/story'
import { arg, defineCommand, missionFlag } from '../command.ts'
import type { Style } from '../style.ts'
import { happeningLine, words } from './log.ts'

const PLAIN = { bold: (text: string) => text }

export const command = defineCommand({
  description:
    'Shows one work package: its state, who has it and since when, what it waits for, its reviews with their feedback, its commits and its history. Reads only.',
  examples: ['spec-kitty show WP01'],
  args: { wpId: arg('work package id') },
  flags: { mission: missionFlag },
  result: ShowWorkPackage,
  run: (ports, input) => showWorkPackage(ports, input),
  text: (wp, style) => packagePage(wp, style),
})

/** State, reviews, commits and history, as lines for people. */
export function packagePage(wp: Answer<typeof ShowWorkPackage>, style: Pick<Style, 'bold'> = PLAIN): string {
  const since =
    wp.since === null ? '' : ` since ${wp.since.slice(0, 16).replace('T', ' ')}, by ${wp.who ?? ''}`
  const waits = wp.waits_for.map(item => `${item.wp_id} (${words(item.lane)})`).join(', ')
  return [
    style.bold(`${wp.wp_id} ${wp.title}`),
    `${words(wp.lane)}${since}`,
    ...(wp.agent === null ? [] : [`Agent: ${wp.agent}`]),
    ...(waits === '' ? [] : [`Waits for ${waits}`]),
    ...(wp.branch === null ? [] : [`Branch: ${wp.branch}, ${commits(wp.commits)}`]),
    ...wp.reviews.flatMap(review => [
      '',
      style.bold(
        `Review ${review.number}: ${review.verdict}${review.reviewer === null ? '' : ` by ${review.reviewer}`}`,
      ),
      review.feedback,
    ]),
    ...(wp.events.length === 0 ? [] : ['', style.bold('History'), ...wp.events.map(happeningLine)]),
  ].join('\n')
}

function commits(shas: readonly string[]): string {
  const shown = shas.slice(0, 5).map(sha => sha.slice(0, 10))
  const more = shas.length > shown.length ? ' …' : ''
  const list = shown.length === 0 ? '' : ` (${shown.join(', ')}${more})`
  return `${shas.length} ${shas.length === 1 ? 'commit' : 'commits'}${list}`
}
