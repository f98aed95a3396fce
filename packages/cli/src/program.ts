/** Where the program and its texts lie. `src` and `dist` are neighbours, so one path serves both. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { VERSION } from './version.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
/** The published package has beside `dist` what the clone keeps elsewhere. */
const packaged = (path: string, inClone: string): string => {
  const beside = here(path)
  return existsSync(beside) ? beside : here(inClone)
}

export const ASSETS = here('../assets')
export const PROGRAM = { assets: ASSETS, version: VERSION } as const
/** The published contracts: JSON Schemas of files and wire, and cli.json for what commands print. */
export const SCHEMAS = packaged('../schemas', '../../contracts/schemas')
export const TOUR_FILES = here('../assets/tour')
export const INSTRUCTIONS = here('../assets/instructions')
/** The documentation: in the package what is for users of it. */
export const DOCS = packaged('../docs', '../../../docs')
/** The built page of the dashboard. */
export const WEB = here('../dist/web')
/** In a clone: the folder to put on PATH. */
export const BIN = here('../../../bin')
const BUNDLE = here('../dist/cli.cjs')
/** A shell command that runs this very program. A single-file program is its own runtime. */
export const SELF: readonly string[] = existsSync(BUNDLE) ? [process.execPath, BUNDLE] : [process.execPath]
