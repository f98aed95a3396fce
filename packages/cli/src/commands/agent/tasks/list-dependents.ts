import { ListDependents } from '@spec-kitty/contracts/cli/list-dependents'
import { listDependents } from '@spec-kitty/core/tasks/list-dependents'
import { arg, defineCommand, missionFlag } from '../../../command.ts'

export const command = defineCommand({
  description: 'Shows for whom a work package waits and who waits for it. Reads only.',
  examples: ['spec-kitty agent tasks list-dependents WP01'],
  args: { wpId: arg('work package id') },
  flags: { mission: missionFlag },
  result: ListDependents,
  run: (ports, input) => listDependents(ports, input),
  text: ({ wp_id: id, depends_on: needs, dependents }) =>
    `${id} depends on: ${needs.join(', ') || 'nothing'}\nWaiting for ${id}: ${dependents.join(', ') || 'nothing'}`,
})
