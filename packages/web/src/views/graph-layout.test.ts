import fc from 'fast-check'
import { expect, it } from 'vitest'
import { curve, layOut, SIZE } from './graph-layout.ts'

const graph = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }).chain(sizes => {
  const layers = sizes.map((size, layer) => Array.from({ length: size }, (_, i) => `WP${layer}${i}`))
  const edge = fc.tuple(fc.constantFrom(...layers.flat()), fc.constantFrom(...layers.flat()))
  return fc.tuple(fc.constant(layers), fc.array(edge, { maxLength: 12 }))
})

it('places every box once, in the column of its layer, within the picture, none over another', () => {
  fc.assert(
    fc.property(graph, ([layers, edges]) => {
      const { width, height, places } = layOut(layers, edges)
      expect(new Set(places.keys())).toEqual(new Set(layers.flat()))
      const boxes = [...places.values()]
      for (const { x, y } of boxes) {
        expect(Math.min(x, y)).toBeGreaterThanOrEqual(0)
        expect(x + SIZE.width).toBeLessThanOrEqual(width)
        expect(y + SIZE.height).toBeLessThanOrEqual(height)
        const over = boxes.filter(
          other => Math.abs(other.x - x) < SIZE.width && Math.abs(other.y - y) < SIZE.height,
        )
        expect(over.length).toBe(1)
      }
      for (const layer of layers) expect(new Set(layer.map(id => places.get(id)?.x)).size).toBe(1)
    }),
  )
})

it('stands a box beside what it depends on, and leads a line from edge to edge', () => {
  const { places } = layOut(
    [
      ['A', 'B'],
      ['D', 'C'],
    ],
    [
      ['A', 'C'],
      ['B', 'D'],
    ],
  )
  expect(places.get('C')?.y).toBe(places.get('A')?.y)
  expect(places.get('D')?.y).toBe(places.get('B')?.y)
  expect(curve({ x: 0, y: 0 }, { x: 300, y: 100 })).toBe(`M${SIZE.width} 31C258 31 258 131 300 131`)
})

it('has room for nothing', () => {
  expect(layOut([], []).places.size).toBe(0)
})
