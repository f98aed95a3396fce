/** Path arithmetic on `/`-separated absolute paths: core has no `node:path`. */

export function join(...parts: readonly string[]): string {
  return parts
    .filter(part => part !== '')
    .join('/')
    .replace(/\/{2,}/g, '/')
}

export function dirname(path: string): string {
  const cut = path.lastIndexOf('/')
  if (cut < 0) return '.'
  return cut === 0 ? '/' : path.slice(0, cut)
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** `path` seen from `base`, with `.` and `..` resolved. */
export function resolvePath(base: string, path: string): string {
  const out: string[] = []
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return `/${out.join('/')}`
}

/** True when `path` is `directory` or lies below it. */
export function isInside(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)
}

/** `path` relative to `directory`, which must contain it. */
export function relativeTo(directory: string, path: string): string {
  return path === directory
    ? ''
    : path.slice(directory.endsWith('/') ? directory.length : directory.length + 1)
}

/** The first of some paths for a sentence, and how many more there are. */
export function few(paths: readonly string[], most = 5): string {
  const more = paths.length > most ? ` and ${paths.length - most} more` : ''
  return paths.slice(0, most).join(', ') + more
}
