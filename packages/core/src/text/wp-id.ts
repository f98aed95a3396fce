/**
 * Ids of work packages. `WP1`, `WP01` and `WP001` name one package: ids are compared by number, and written as the
 * file of the package spells them.
 */

/** Digits → `WP01`: two digits at least, as every edition writes them. */
export function wpId(digits: string): string {
  return `WP${digits.padStart(2, '0')}`
}

/** The id that is the whole text (`WP01`, `wp1`); undefined when it is none. */
export function readWpId(text: string): string | undefined {
  const digits = /^WP(\d{1,9})$/i.exec(text.trim())?.[1]
  return digits === undefined ? undefined : wpId(digits)
}

/** What ids of one package have in common; a text that is no id stands for itself. */
export function wpKey(id: string): string {
  return /^WP0*(\d{1,9})$/i.exec(id)?.[1] ?? id
}

/** True for two spellings of one package. */
export function sameWp(a: string, b: string): boolean {
  return a === b || wpKey(a) === wpKey(b)
}

/** From any spelling to the one in `ids`; an id that is not among them is left as it is. */
export function spelling(ids: Iterable<string>): (id: string) => string {
  const known = new Map([...ids].map(id => [wpKey(id), id]))
  return id => known.get(wpKey(id)) ?? id
}
