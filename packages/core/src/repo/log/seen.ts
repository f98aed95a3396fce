/**
 * Ids that came by, in 8 bytes each: of a million of them nothing is held but 53 bits. Two ids may look alike, which is
 * never taken for an answer: who is told "perhaps" looks again, exactly.
 */
export interface Seen {
  /** Notes an id. False: it was perhaps noted before. */
  readonly add: (id: string) => boolean
}

/** Ids that each stand behind the one before, as those of one writer do, need no memory at all; of others nothing is sure. */
export function startGrowing(): Seen {
  let last = ''
  return {
    add: id => {
      const grows = id > last
      last = id
      return grows
    },
  }
}

export function startSeen(): Seen {
  let marks = new Float64Array(64)
  let count = 0
  const put = (mark: number): boolean => {
    const mask = marks.length - 1
    let slot = (mark >>> 0) & mask
    for (let held = marks[slot]; held !== 0; held = marks[slot]) {
      if (held === mark) return false
      slot = (slot + 1) & mask
    }
    marks[slot] = mark
    return true
  }
  const grow = (): void => {
    const old = marks
    marks = new Float64Array(old.length * 2)
    for (const mark of old) if (mark !== 0) put(mark)
  }
  return {
    add: id => {
      if (count * 2 > marks.length) grow()
      if (!put(markOf(id))) return false
      count += 1
      return true
    },
  }
}

/** 53 bits of a text, never 0. The end of a ULID is 50 random bits already, and the language itself reads it. */
function markOf(text: string): number {
  const tail = text.slice(-10)
  return (ULID_TAIL.test(tail) && Number.parseInt(tail, 36)) || mixed(text)
}

const ULID_TAIL = /^[0-9A-Z]{10}$/

function mixed(text: string): number {
  let low = 0x811c9dc5
  let high = 0x9e3779b9
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b) ^ (high >>> 13)
  }
  low ^= low >>> 15
  return (high & 0x1fffff) * 0x1_0000_0000 + (low >>> 0) || 1
}
