import { ReviewImport } from '@spec-kitty/contracts/cli/review-import'
import { importReview } from '@spec-kitty/core/review/import'
import { autoCommitFlag, count, defineCommand, many, missionFlag, optionalArg, text } from '../../command.ts'

export const command = defineCommand({
  description:
    'Takes in what reviewers said on the pull request of a mission: each package that owns a file with a comment goes back to planned with its feedback, its lane as it was. Asks gh or glab, or reads a file: JSON as their API gives it, or lines "src/file.ts:12: what". What is settled, or was taken in before, is left out.',
  examples: [
    'spec-kitty review import --pr 42',
    'spec-kitty review import review.md --wp WP02',
    'spec-kitty review import --author a-bot --dry-run',
  ],
  args: { file: optionalArg('comments in a file; left out: the forge is asked') },
  flags: {
    pr: count('number of the pull request (default: that of the landing)'),
    mission: missionFlag,
    wp: text('the package that takes what no other one owns', { value: 'WP' }),
    author: many('take in what this one says, who has no part in the repository', { value: 'NAME' }),
    agent: text('who takes it in', { value: 'NAME' }),
    autoCommit: autoCommitFlag,
  },
  writes: true,
  result: ReviewImport,
  run: (ports, input) => importReview(ports, input),
  text: ({ packages, left, known, mission_slug: slug }, style) =>
    [
      ...packages.map(({ wp_id: id, comments, old_lane: lane, review_feedback: feedback }) =>
        style.green(`Sent ${id} back from ${lane} with ${comments} comments: ${feedback}`),
      ),
      ...(packages.length === 0 ? [`Nothing new for ${slug}.`] : []),
      ...(known > 0 ? [`${known} were taken in before.`] : []),
      ...left.map(({ path, line, author, reason }) => {
        const place = path === null ? 'On the whole' : `${path}${line === null ? '' : `:${line}`}`
        return style.yellow(`Left: ${place}${author === null ? '' : `, by ${author}`}: ${reason}`)
      }),
    ].join('\n'),
})
