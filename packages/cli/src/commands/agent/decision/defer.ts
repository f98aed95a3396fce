import { closingCommand } from './closing.ts'

export const command = closingCommand('deferred', {
  description: 'Puts a decision off; mark the place in the document it belongs to.',
  examples: ['spec-kitty agent decision defer 01K… --rationale "after the pilot"'],
})
