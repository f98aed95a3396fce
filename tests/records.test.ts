/** docs/adr/README.md lists the records. After a new one: npx vitest run tests/records.test.ts -u */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './source.ts'

const home = join(root, 'docs/adr')
const HEAD = `# Decision records

One page each: context, decision, alternatives, consequences, and how we would notice that it is wrong. A record that no longer holds is
superseded by a newer one, not edited. The numbers 0019, 0023, 0026 and 0035 were given to drafts that never became decisions.

| Number | Decision | Status |
|---|---|---|
`

/** Numbers that no record has; the head explains them. */
const GAPS = [19, 23, 26, 35]

it('docs/adr/README.md lists every record', async () => {
  const files = readdirSync(home).filter(name => /^\d{4}-.*\.md$/.test(name))
  const rows = files.map(file => {
    const text = readFileSync(join(home, file), 'utf8')
    const [, number, title] = /^# (\d{4}) (.*)/.exec(text) ?? []
    const [, status] = /^Status: (.*)/m.exec(text) ?? []
    return `| [${number}](${file}) | ${title} | ${status} |`
  })
  await expect(`${HEAD}${rows.join('\n')}\n`).toMatchFileSnapshot(join(home, 'README.md'))
})

it('no two records share a number', () => {
  const numbers = readdirSync(home).flatMap(name => /^(\d{4})-/.exec(name)?.[1] ?? [])
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(GAPS.filter(gap => numbers.includes(String(gap).padStart(4, '0')))).toEqual([])
})
