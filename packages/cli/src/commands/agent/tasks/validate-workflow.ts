import { ValidateWorkflow } from '@spec-kitty/contracts/cli/validate-workflow'
import { validateWorkflow } from '@spec-kitty/core/tasks/validate-workflow'
import { arg, defineCommand, missionFlag } from '../../../command.ts'

export const command = defineCommand({
  description: 'Checks the file of a work package. Reads only; exit status 1 when it is not valid.',
  examples: ['spec-kitty agent tasks validate-workflow WP01 --json'],
  args: { taskId: arg('work package id') },
  flags: { mission: missionFlag },
  result: ValidateWorkflow,
  run: (ports, input) => validateWorkflow(ports, input),
  status: ({ valid }) => (valid ? 0 : 1),
  text: ({ task_id: id, lane, valid, errors, warnings }, style) =>
    [
      `${id} (${lane}): ${valid ? style.green('valid') : style.red('not valid')}`,
      ...errors.map(line => `  ${style.red('error:')} ${line}`),
      ...warnings.map(line => `  ${style.yellow('warning:')} ${line}`),
    ].join('\n'),
})
