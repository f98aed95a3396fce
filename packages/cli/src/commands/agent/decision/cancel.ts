import { closingCommand } from './closing.ts'

export const command = closingCommand('canceled', {
  description: 'Withdraws a question.',
  examples: ['spec-kitty agent decision cancel 01K… --rationale "out of scope"'],
})
