/** What `sh` quotes stands outside other quotes of its text. */
import { describe, expect, it } from 'vitest'
import { readSources } from './source.ts'
import { type Template, templatesOf } from './templates.ts'

const SH = 'packages/contracts/src/sh.ts'
const product = readSources().filter(file => file.product && file.path !== SH)
const templates = product.flatMap(({ path, text }) =>
  templatesOf(text).map(template => ({ ...template, where: `${path}:${template.line}` })),
)

/** True when an insert stands inside quotes or backquotes of the text around it. */
function insertInQuotes({ parts }: Template): boolean {
  let open = ''
  return parts.slice(0, -1).some(part => {
    for (const [char] of part.matchAll(/\\[\s\S]|['"`]/g)) {
      const quote = char === '\\`' ? '`' : char
      if (open === '' && /^['"`]$/.test(quote)) open = quote
      else if (open === quote) open = ''
    }
    return open !== ''
  })
}

describe('remedies', () => {
  it('stand in templates that this test can read', () => {
    expect(templates.filter(({ tag }) => tag === 'sh').length).toBeGreaterThan(200)
  })
  it('take no foreign word inside quotes of their text', () => {
    const wrong = templates.filter(template => template.tag === 'sh' && insertInQuotes(template))
    expect(wrong.map(({ where, parts }) => `${where} ${parts.join('…')}`)).toEqual([])
  })
})
