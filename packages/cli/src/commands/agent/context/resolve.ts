import { ContextResolve } from '@spec-kitty/contracts/cli/context-resolve'
import { resolveContext } from '@spec-kitty/core/mission/context'
import { defineCommand, missionFlag, text } from '../../../command.ts'

export const command = defineCommand({
  description:
    'Resolves an action to its mission, work package, branch, directory and commands, for prompts.',
  examples: ['spec-kitty agent context resolve --action implement --json'],
  flags: {
    action: text('specify, plan, analyze, tasks, implement, review, accept or status', { required: true }),
    mission: missionFlag,
    wpId: text('work package (default: the first that is ready)', { value: 'ID' }),
    agent: text('who acts', { value: 'NAME' }),
  },
  result: ContextResolve,
  run: (ports, input) => resolveContext(ports, input),
  indent: true,
  text: context => {
    const place = context.workspace_path === null ? context.feature_dir : context.workspace_path
    const wp = context.wp_id === null ? '' : ` ${context.wp_id} (${context.lane})`
    return [
      `${context.action}${wp} of ${context.mission_slug}`,
      `  ${place}`,
      ...Object.values(context.commands).map(line => `  ${line}`),
    ].join('\n')
  },
})
