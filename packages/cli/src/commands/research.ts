import { Research } from '@spec-kitty/contracts/cli/project-aids'
import { startResearch } from '@spec-kitty/core/project/research'
import { autoCommitFlag, defineCommand, missionFlag, toggle } from '../command.ts'

export const command = defineCommand({
  description:
    'Makes research.md, data-model.md and the two lists of evidence in the mission. What is there stays.',
  examples: ['spec-kitty research --mission hello'],
  flags: { mission: missionFlag, force: toggle('write all of them anew'), autoCommit: autoCommitFlag },
  writes: true,
  result: Research,
  run: (ports, input) => startResearch(ports, { ...input, force: input.force ?? false }),
  text: ({ created, kept, feature_dir }, style) =>
    [
      ...(created.length === 0 ? [] : [`${style.green('✓')} Made in ${feature_dir}: ${created.join(', ')}`]),
      ...(kept.length === 0 ? [] : [`Kept: ${kept.join(', ')}`]),
    ].join('\n'),
})
