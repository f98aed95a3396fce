import { expect, it } from 'vitest'
import { readSources } from './source.ts'

// A sentence is for people: what a program must know of it is a field of its own.
it('nobody reads a fact out of a message, a remedy or a detail', () => {
  const words =
    /\b(message|hint|fix|summary|remediation|recommended_action|detail|sentence)\??\.(includes|endsWith|startsWith|match|search|indexOf)\(/
  const found = readSources()
    .filter(file => file.product)
    // Valibot tells a mistake of ours from one of the file by nothing else.
    .filter(file => file.path !== 'packages/contracts/src/files/events.ts')
    .flatMap(file =>
      file.code.split('\n').flatMap((line, i) => (words.test(line) ? [`${file.path}:${i + 1}`] : [])),
    )
  expect(found).toEqual([])
})
