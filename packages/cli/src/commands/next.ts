import { Next } from '@spec-kitty/contracts/cli/next'
import { spokenReason } from '@spec-kitty/core/next/decide'
import { next } from '@spec-kitty/core/next/next'
import { choice, defineCommand, missionFlag, text } from '../command.ts'
import type { Style } from '../style.ts'

export const command = defineCommand({
  description:
    'Says what to do now. Without --result it only looks. With --result it takes the outcome of the step before and answers with the next step and a prompt file; exit status 1 when nothing can be begun.',
  examples: [
    'spec-kitty next',
    'spec-kitty next --agent claude --result success --json',
    'spec-kitty next --agent claude --result success --answer "PostgreSQL"',
  ],
  flags: {
    agent: text('who works', { value: 'NAME' }),
    result: choice(['success', 'failed', 'blocked'] as const, 'how the step before ended'),
    mission: missionFlag,
    answer: text('answer to an open decision'),
    decisionId: text('which one, when several are open', { value: 'ID' }),
  },
  writes: true,
  result: Next,
  run: (ports, input) => next(ports, input),
  status: decision => (decision.kind === 'blocked' ? 1 : 0),
  indent: true,
  text: show,
})

function show(decision: Next, style: Style): string {
  const { progress } = decision
  const board =
    progress === null
      ? []
      : [
          `  Progress: ${Math.round(progress.weighted_percentage)}% (${progress.done_wps}/${progress.total_wps} done)`,
        ]
  const wp = decision.wp_id === null ? '' : ` ${decision.wp_id}`
  const reason =
    decision.reason === null || decision.question !== null ? [] : [`  ${spokenReason(decision.reason)}`]
  const question = decision.question === null ? [] : [`  ${decision.question}`]
  const command = decision.next_command?.replace(/ --json$/, '')
  const then =
    command === undefined ? [] : [`  ${decision.prompt_file === null ? 'Run' : 'Then'}: ${command}`]
  if (decision.kind === 'query') {
    const step = decision.preview_step === null ? [] : [`  Next step: ${decision.preview_step}${wp}`]
    return [
      // Scripts of 3.2.0 tell by the first word that nothing was reported.
      '[QUERY — nothing was changed]',
      `Mission ${style.bold(decision.mission_slug)}: ${decision.mission_state.replaceAll('_', ' ')}`,
      ...step,
      ...board,
      ...question,
      ...reason,
      ...then,
    ].join('\n')
  }
  const head = `${style.bold(decision.kind)}: ${decision.step_id ?? decision.mission_state}${wp}`
  const prompt = decision.prompt_file === null ? [] : [`  Read: ${decision.prompt_file}`]
  return [
    head,
    ...question,
    ...prompt,
    ...decision.guard_failures.map(line => `  Missing: ${line}`),
    ...board,
    ...reason,
    ...then,
  ].join('\n')
}
