import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

test('so many at a time, in the order they came; ending twice counts once', async () => {
  const turns = createTurns(2, 60_000)
  const order: number[] = []
  const take = (n: number) =>
    turns.take().then(end => {
      order.push(n)
      return end
    })
  const [first, second, third, fourth] = [1, 2, 3, 4].map(take)
  await second
  await wait(5)
  expect(order).toEqual([1, 2])
  const end = await first
  end?.()
  end?.()
  await third
  await wait(5)
  expect(order).toEqual([1, 2, 3])
  ;(await second)?.()
  await fourth
  expect(order).toEqual([1, 2, 3, 4])
})

test('who takes too long holds nobody up', async () => {
  const turns = createTurns(1, 20)
  await turns.take()
  await expect(turns.take()).resolves.toBeTypeOf('function')
})
