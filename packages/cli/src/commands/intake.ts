import { Intake } from '@spec-kitty/contracts/cli/project-aids'
import { intake } from '@spec-kitty/core/project/intake'
import { defineCommand, optionalArg, toggle } from '../command.ts'

export const command = defineCommand({
  description:
    'Stores a plan that you wrote elsewhere as the brief of the next mission: /spec-kitty.specify takes the requirements from it. It stays in this checkout and is not committed.',
  examples: ['spec-kitty intake PLAN.md', 'spec-kitty intake --auto', 'spec-kitty intake --show'],
  args: { path: optionalArg('the plan; left out: show the brief') },
  flags: {
    force: toggle('replace a brief that is there'),
    show: toggle('show the brief'),
    auto: toggle('take the newest plan of your agent (.claude/plans, PLAN.md …)'),
  },
  writes: true,
  result: Intake,
  run: (ports, input) =>
    intake(ports, {
      path: input.path,
      force: input.force ?? false,
      show: input.show ?? false,
      auto: input.auto ?? false,
    }),
  text: ({ result, brief, source_file, brief_path }, style) =>
    result === 'shown'
      ? brief.trimEnd()
      : `${style.green('✓')} ${source_file} is the brief now (${brief_path}).\nNext: /spec-kitty.specify`,
})
