/** Files as a repository itself holds them, for what is copied or sent away. */
import { dirname, isInside, join, relativeTo } from '../../text/paths.ts'
import type { Files } from '../../world/ports.ts'

/**
 * A view of the files below `root` in which nothing lies behind a symbolic link: what a link of the repository leads
 * to is not the repository's to give. A link itself can be looked at.
 */
export function ownFiles(files: Files, root: string): Files {
  const links = new Map<string, boolean>()
  const isLink = (path: string): boolean => {
    const known = links.get(path) ?? files.stat(path)?.kind === 'link'
    links.set(path, known)
    return known
  }
  const isOwn = (path: string): boolean => {
    if (!isInside(root, path)) return false
    let at = root
    for (const name of relativeTo(root, path).split('/')) {
      at = join(at, name)
      if (at !== root && (name === '..' || isLink(at))) return false
    }
    return true
  }
  return {
    bytes: (path, offset) => (isOwn(path) ? files.bytes(path, offset) : undefined),
    text: path => (isOwn(path) ? files.text(path) : undefined),
    front: path => (isOwn(path) ? files.front(path) : undefined),
    pieces: path => (isOwn(path) ? files.pieces(path) : undefined),
    list: path => (isOwn(path) ? files.list(path) : []),
    stat: path => (isOwn(dirname(path)) || path === root ? files.stat(path) : undefined),
  }
}
