/**
 * A rehearsal: ports that write nothing, take no lock and tell nobody, but read as if what was written were there. The
 * same flow runs on them, so `--dry-run` shows what the real run does by the very code that does it (ADR 0031).
 */

import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { requireCommittable } from '../repo/project/committer.ts'
import { isInside, join, relativeTo } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { FileStat, Files, Ports } from '../world/ports.ts'

export interface Rehearsal {
  readonly ports: Ports
  /** What would have been performed, in order; grows as the flow runs. */
  readonly plan: readonly Change[]
}

/** Null: the file is gone. */
type Pages = Map<string, Uint8Array | null>

export function rehearse(ports: Ports): Rehearsal {
  const plan: Change[] = []
  const pages: Pages = new Map()
  const branches = new Map<string, string>()
  const files = overlay(ports.files, pages)
  return {
    plan,
    ports: {
      ...ports,
      files,
      git: {
        ...ports.git,
        init: async () => {},
        push: async () => {},
        head: checkout => {
          const { branch, sha } = ports.git.head(checkout)
          return { branch: branches.get(checkout) ?? branch, sha }
        },
      },
      locks: { acquire: async () => ({ release: () => {} }) },
      apply: async changes => {
        for (const change of changes) {
          if (change.kind === 'commit') await requireCommittable(ports, change.checkout)
          if (change.kind === 'switch_branch') branches.set(change.checkout, change.branch)
          else turn(files, pages, change)
        }
        // A worktree that git does not know of yet is planned once.
        plan.push(
          ...changes.filter(one => one.kind !== 'add_worktree' || !plan.some(had => isSame(had, one))),
        )
      },
      tell: async () => {},
    },
  }
}

/** What one change does to the pages. Throws `file_changed` as the performer does. */
function turn(files: Files, pages: Pages, change: Change): void {
  if (change.kind === 'write_file') {
    const now = files.bytes(change.path)
    const { expect } = change
    const same = expect === undefined || (expect === null ? now === undefined : equal(now, bytesOf(expect)))
    if (!same)
      throw new KittyError('file_changed', `${change.path} was changed by somebody else meanwhile`, {
        hint: sh`Run the command again: it will start from the new content.`,
      })
    pages.set(change.path, bytesOf(change.content))
  }
  if (change.kind === 'delete_file' && change.directory !== true) pages.set(change.path, null)
  if (change.kind === 'append_events') {
    const before = files.text(change.path) ?? ''
    const start = before === '' || before.endsWith('\n') ? before : `${before}\n`
    pages.set(change.path, bytesOf(`${start}${change.lines.map(line => `${line}\n`).join('')}`))
  }
}

function overlay(files: Files, pages: Pages): Files {
  const bytes: Files['bytes'] = (path, offset) => {
    const page = pages.get(path)
    return page === undefined ? files.bytes(path, offset) : page?.subarray(offset ?? 0)
  }
  /** Names that pages add directly below a directory. */
  const below = (directory: string): readonly string[] =>
    [...pages].flatMap(([path, page]) => {
      const inside = page !== null && path !== directory && isInside(directory, path)
      return inside ? (relativeTo(directory, path).split('/')[0] ?? []) : []
    })
  const text: Files['text'] = path => {
    if (!pages.has(path)) return files.text(path)
    const found = bytes(path)
    return found === undefined ? undefined : new TextDecoder('utf-8', { ignoreBOM: true }).decode(found)
  }
  return {
    bytes,
    text,
    front: path => (pages.has(path) ? text(path) : files.front(path)),
    pieces: path => (pages.has(path) ? undefined : files.pieces(path)),
    list: directory => {
      const kept = files.list(directory).filter(name => pages.get(join(directory, name)) !== null)
      return [...new Set([...kept, ...below(directory)])].sort(compareCodePoints)
    },
    stat: (path): FileStat | undefined => {
      const page = pages.get(path)
      if (page === null) return undefined
      const real = files.stat(path)
      if (real !== undefined) return real
      const made = { mtimeMs: 0, id: 0, executable: false }
      if (page !== undefined) return { kind: 'file', size: page.length, ...made }
      return below(path).length > 0 ? { kind: 'directory', size: 0, ...made } : undefined
    },
  }
}

function isSame(a: Change, b: Change): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}

function equal(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i])
}
