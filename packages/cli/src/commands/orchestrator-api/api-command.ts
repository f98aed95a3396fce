/** A command of the orchestrator API: always one envelope, status 0 or 1. */
import { answerApi } from '@spec-kitty/core/orchestrator/envelope'
import type { Ports } from '@spec-kitty/core/world/ports'
import type { GenericSchema } from 'valibot'
import { type Args, type Command, defineCommand, type Flags, type Input, text } from '../../command.ts'

interface ApiSpec<F extends Flags> {
  /** The last word of its path. */
  readonly name: string
  readonly description: string
  readonly examples: readonly string[]
  readonly flags: F
  readonly writes?: true
  readonly result: GenericSchema
  /** The `data` of the envelope; whatever it throws becomes a failure envelope. */
  readonly run: (ports: Ports, input: Input<Args, F>) => Promise<object> | object
}

export function defineApiCommand<const F extends Flags>(spec: ApiSpec<F>): Command {
  const { name, description, examples, flags, writes, result, run } = spec
  return defineCommand({
    description,
    examples,
    flags,
    ...(writes === undefined ? {} : { writes }),
    result,
    alwaysJson: true,
    run: (ports, input) => answerApi(ports, name, async () => run(ports, input as Input<Args, F>)),
    status: answer => (answer.success ? 0 : 1),
    text: answer => JSON.stringify(answer),
  })
}

export const handleFlag = text('mission: directory name, slug, number, mid8 or id', {
  value: 'HANDLE',
  required: true,
})
export const wpFlag = text('work package', { value: 'WP', required: true })
export const actorFlag = text('who acts: goes on record', { value: 'NAME', required: true })
export const policyFlag = text('what is declared about the agent, as a JSON object', { value: 'JSON' })
