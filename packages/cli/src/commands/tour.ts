import { Tour } from '@spec-kitty/contracts/cli/tour'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { join, resolvePath } from '@spec-kitty/core/text/paths'
import type { Ports } from '@spec-kitty/core/world/ports'
import { defineCommand, text, toggle } from '../command.ts'
import { BIN, SELF, TOUR_FILES } from '../program.ts'
import { onward } from '../tour/onward.ts'
import { playTour, repositoryOf, type Stage } from '../tour/play.ts'
import { STORY } from '../tour/story.ts'

export const command = defineCommand({
  description:
    'Plays a complete mission with the real program in a throw-away repository and shows every command.',
  examples: ['spec-kitty tour', 'spec-kitty tour --dir ./playground'],
  flags: {
    dir: text('play in this new or empty directory, and keep it', { value: 'DIR' }),
    keep: toggle('keep the throw-away repository'),
  },
  writes: 'elsewhere',
  result: Tour,
  run: async (ports, input, session): Promise<Tour> => {
    const stage: Stage = { directory: choosePlace(ports, input.dir), texts: TOUR_FILES, self: SELF }
    session.show(session.style.bold('A mission in Spec Kitty, from an empty repository to the merge.'))
    const steps = await playTour(ports, stage, STORY, session)
    const keep = input.keep === true || input.dir !== undefined
    if (!keep) await ports.env.shell(sh`rm -rf ${stage.directory}`, { cwd: '/', limitMs: 60_000 })
    return {
      result: 'success',
      repository: keep ? repositoryOf(stage) : null,
      steps,
      next_steps: [...onward(ports, BIN)],
    }
  },
  text: (result, style) => {
    const mine = result.steps.filter(step => step.command.startsWith('spec-kitty')).length
    const where =
      result.repository === null
        ? ['The repository was thrown away. Keep it next time: spec-kitty tour --keep']
        : [
            `The repository is in ${result.repository}`,
            sh`Look around: cd ${result.repository} && git log --stat`,
          ]
    return [
      '',
      style.bold(`Done: ${mine} commands of Spec Kitty, two work packages, one merge.`),
      ...where,
      ...(result.next_steps.length > 1 ? ['Next, in a repository of yours:'] : []),
      ...result.next_steps.map(step =>
        result.next_steps.length > 1 ? `  ${step}` : `Next, in a repository of yours: ${step}`,
      ),
      'and then, in your agent: /spec-kitty.specify what you want to build',
    ].join('\n')
  },
})

/** The directory asked for, or a new one among the temporary files. Throws `invalid_input` when it is not empty. */
function choosePlace(ports: Ports, asked: string | undefined): string {
  if (asked === undefined)
    return join(ports.env.get('TMPDIR') ?? '/tmp', `spec-kitty-tour-${ports.ids.hex(8)}`)
  const directory = resolvePath(ports.env.cwd, asked)
  const found = ports.files.stat(directory)
  if (found !== undefined && (found.kind !== 'directory' || ports.files.list(directory).length > 0)) {
    throw new KittyError('invalid_input', `${asked} is not an empty directory`, {
      hint: sh`spec-kitty tour --dir NEW-DIRECTORY`,
    })
  }
  return directory
}
