/** Where the boxes of the graph stand: a column for each layer, rows so that lines cross little. Pure. */

export interface Place {
  readonly x: number
  readonly y: number
}

export interface Plan {
  readonly width: number
  readonly height: number
  readonly places: ReadonlyMap<string, Place>
}

/** Of a box, and the room between boxes. */
export const SIZE = { width: 216, height: 62 }
const GAP = { x: 72, y: 18 }
const MARGIN = 8

type Edges = readonly (readonly [string, string])[]

export function layOut(layers: readonly (readonly string[])[], edges: Edges): Plan {
  const before = new Map<string, string[]>()
  for (const [from, to] of edges) before.set(to, [...(before.get(to) ?? []), from])
  const rows = new Map<string, number>()
  const ordered = layers.map(layer => {
    // Beside the middle of what it depends on.
    const wish = (id: string): number => {
      const known = (before.get(id) ?? []).map(from => rows.get(from) ?? 0)
      return known.length === 0 ? 0 : known.reduce((sum, row) => sum + row, 0) / known.length
    }
    const sorted = layer.map(id => [id, wish(id)] as const).toSorted((a, b) => a[1] - b[1])
    sorted.forEach(([id], row) => {
      rows.set(id, row - (layer.length - 1) / 2)
    })
    return sorted.map(([id]) => id)
  })
  const tallest = Math.max(1, ...ordered.map(layer => layer.length))
  const height = tallest * (SIZE.height + GAP.y) - GAP.y
  const places = new Map<string, Place>()
  ordered.forEach((layer, column) => {
    const free = height - (layer.length * (SIZE.height + GAP.y) - GAP.y)
    layer.forEach((id, row) => {
      places.set(id, {
        x: MARGIN + column * (SIZE.width + GAP.x),
        y: MARGIN + free / 2 + row * (SIZE.height + GAP.y),
      })
    })
  })
  const width = Math.max(1, layers.length) * (SIZE.width + GAP.x) - GAP.x
  return { width: width + 2 * MARGIN, height: height + 2 * MARGIN, places }
}

/** The line from one box to the next. */
export function curve(from: Place, to: Place): string {
  const [x1, y1] = [from.x + SIZE.width, from.y + SIZE.height / 2]
  const [x2, y2] = [to.x, to.y + SIZE.height / 2]
  const middle = (x1 + x2) / 2
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`
}
