/** The Python edition's other name for `mission-type show`. */
export { command } from './show.ts'
