import { expect, it } from 'vitest'
import { gitTooOld } from './git-version.ts'

it.each([
  [[2, 38, 0], false],
  [[2, 39, 5], false],
  [[3, 0, 0], false],
  [[2, 37, 9], true],
  [[1, 99, 0], true],
] as const)('git %j is too old: %s', (version, refused) => {
  const refusal = gitTooOld(version)
  expect(refusal !== undefined).toBe(refused)
  if (refusal !== undefined)
    expect(refusal.message).toBe(`Merging needs git 2.38 or newer; this is ${version.join('.')}`)
})
