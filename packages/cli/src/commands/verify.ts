import { Verify } from '@spec-kitty/contracts/cli/verify'
import { renderBoard } from '@spec-kitty/core/board/kanban'
import { verify } from '@spec-kitty/core/board/verify'
import { defineCommand, missionFlag, text, toggle } from '../command.ts'
import { VERSION } from '../version.ts'
import { describeFindings } from './doctor/describe.ts'

export const command = defineCommand({
  description:
    'Checks the missions that this branch changes: log, board, packages, lanes, reviews, documents, numbers. For a build server, in any checkout: detached, shallow, the merge commit of a pull request. Reads only. Exit status 1 when something is wrong.',
  examples: ['spec-kitty verify', 'spec-kitty verify --ci >> "$GITHUB_STEP_SUMMARY"'],
  flags: {
    ci: toggle(
      'print boards and findings as Markdown, and do not miss what only the clones of developers have',
    ),
    mission: missionFlag,
    base: text('what the branch is compared with (default: what the build server or the remote says)', {
      value: 'REV',
    }),
  },
  result: Verify,
  run: (ports, input) => verify(ports, { ...input, version: VERSION }),
  status: ({ ok }) => (ok ? 0 : 1),
  indent: true,
  verbatim: true,
  text: ({ ok, markdown, missions, findings }, style, { ci }) => {
    if (ci === true) return markdown
    const boards = missions.map(({ mission_slug: slug, board }) =>
      board === null ? style.bold(slug) : renderBoard(board, style),
    )
    const verdict =
      missions.length === 0 ? 'This branch changes no mission.' : ok ? style.green('Consistent.') : ''
    return [...boards, ...describeFindings(findings, style), verdict].filter(line => line !== '').join('\n')
  },
})
