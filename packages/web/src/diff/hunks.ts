/** The lines of a unified diff, numbered on both sides, one below the other or side by side. Pure. */

export interface Line {
  readonly kind: 'same' | 'added' | 'removed' | 'gap'
  /** Number in the base, and in the work. */
  readonly old?: number
  readonly new?: number
  /** Without the sign in front; of a gap what git says of the place. */
  readonly text: string
}

/** A row of two columns; a gap fills both. */
export interface Pair {
  readonly left?: Line
  readonly right?: Line
}

/** Reads hunks from the first `@@` on. */
export function readPatch(patch: string): readonly Line[] {
  const lines: Line[] = []
  let before = 0
  let after = 0
  for (const raw of patch.replace(/\n$/, '').split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$/.exec(raw)
    const text = raw.slice(1)
    if (hunk !== null) {
      before = Number(hunk[1])
      after = Number(hunk[2])
      lines.push({ kind: 'gap', text: hunk[3] ?? '' })
    } else if (raw.startsWith('+')) lines.push({ kind: 'added', new: after++, text })
    else if (raw.startsWith('-')) lines.push({ kind: 'removed', old: before++, text })
    else if (raw.startsWith('\\')) lines.push({ kind: 'gap', text: text.trim() })
    else lines.push({ kind: 'same', old: before++, new: after++, text })
  }
  return lines
}

/** Puts what was taken away beside what came for it. */
export function sideBySide(lines: readonly Line[]): readonly Pair[] {
  const pairs: Pair[] = []
  let removed: Line[] = []
  let added: Line[] = []
  const flush = (): void => {
    for (let index = 0; index < Math.max(removed.length, added.length); index++) {
      const [left, right] = [removed[index], added[index]]
      pairs.push({ ...(left !== undefined && { left }), ...(right !== undefined && { right }) })
    }
    removed = []
    added = []
  }
  for (const line of lines) {
    if (line.kind === 'removed') {
      if (added.length > 0) flush()
      removed.push(line)
    } else if (line.kind === 'added') added.push(line)
    else {
      flush()
      pairs.push({ left: line, right: line })
    }
  }
  flush()
  return pairs
}
