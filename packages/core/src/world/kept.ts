import type { Ports } from './ports.ts'

/** What `make` makes of the file at `path`; for who stays, once for as long as the file is the same. `what` names it. */
export function keep<T>({ kept }: Pick<Ports, 'kept'>, what: string, path: string, make: () => T): T {
  return kept === undefined ? make() : kept.of(what, path, make)
}
