/** A twin of `agent mission finalize-tasks`. */
export { command } from './agent/mission/finalize-tasks.ts'
