/** A twin of `agent mission setup-plan`. */
export { command } from './agent/mission/setup-plan.ts'
