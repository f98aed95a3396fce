/** Where the texts that ship with the program lie. `src` and `dist` are neighbours, so one path serves both. */
import { fileURLToPath } from 'node:url'

export const COMMAND_TEXTS = fileURLToPath(new URL('../assets/commands', import.meta.url))
