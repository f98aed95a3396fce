/** The few lines an agent reads at every start (under 1 KB); everything else is fetched when needed. */
import type { Agent } from './agents.ts'

const OPEN = '<!-- spec-kitty:orientation -->'
const CLOSE = '<!-- /spec-kitty:orientation -->'

/** The block between its two markers, with a final newline. The same for all: several agents read AGENTS.md. */
export const ORIENTATION = `${OPEN}
## Spec Kitty

This project plans its work in missions (\`kitty-specs/\`): specification, plan, work packages. Work packages are
implemented in worktrees below \`.worktrees/\`, reviewed, and merged together.

- Where things stand: \`spec-kitty agent tasks status\`
- Steps, as commands of your menu: \`spec-kitty.specify\`, then \`plan\`, \`tasks\`, \`implement\`, \`review\`, \`accept\`, \`merge\`
- Change the state of a work package only by \`spec-kitty\` commands, never by editing \`status.events.jsonl\` or \`status.json\`.
- When a command refuses, do what its hint says. Every command explains itself with \`--help\`.
${CLOSE}
`

/** `text` with our block: in the place of an older one, else at the end. Everything around it stays. */
export function withOrientation(text: string | undefined, agent: Agent): string {
  if (text === undefined) return header(agent) + ORIENTATION
  const start = text.indexOf(OPEN)
  const end = text.indexOf(CLOSE)
  if (start >= 0 && end > start)
    return text.slice(0, start) + ORIENTATION.trimEnd() + text.slice(end + CLOSE.length)
  const gap = text === '' || text.endsWith('\n\n') ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  return text + gap + ORIENTATION
}

/** Cursor reads a rule at every start only when its front matter says so. */
function header(agent: Agent): string {
  return agent.key === 'cursor' ? '---\ndescription: Spec Kitty\nalwaysApply: true\n---\n' : ''
}
