/** What a command line has around it: where its words go and how it reaches the world. */
import type { Ports } from '@spec-kitty/core/world/ports'
import type { Style } from './style.ts'

export interface Io {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly style: Style
  readonly interactive: () => boolean
  /** Made when a command runs: `--version` and `--help` need no ports. */
  readonly ports: (note: (line: string) => void) => Promise<Ports>
}
