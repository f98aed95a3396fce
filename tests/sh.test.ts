/** Commands in our texts are remedies, made by `sh`; what it quotes stands outside other quotes of its text. */
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

const GIT =
  '-[cC]|add|branch|checkout|commit|config|diff|fetch|init|log|merge|pull|push|rebase|reset|restore|rm|show|stash|switch|worktree'
/** A command of a shell before an insert, as opposed to a sentence about one. */
const COMMAND = new RegExp(
  `(?:^|[\\s:(\`])(?:spec-kitty [a-z][a-z-]* |git (?:${GIT}) |(?:cd|mv|rm|cp|chmod|mkdir|export|npm|npx) )[^\\n]*$`,
)

const holdsCommand = ({ parts }: Template): boolean =>
  parts.some((_, at) => at < parts.length - 1 && COMMAND.test(parts.slice(0, at + 1).join('…')))

describe('remedies', () => {
  it('stand in templates that this test can read', () => {
    expect(templates.filter(({ tag }) => tag === 'sh').length).toBeGreaterThan(200)
  })
  it('take no foreign word inside quotes of their text', () => {
    const wrong = templates.filter(template => template.tag === 'sh' && insertInQuotes(template))
    expect(wrong.map(({ where, parts }) => `${where} ${parts.join('…')}`)).toEqual([])
  })
  it('are the only texts with a command and a foreign word', () => {
    const wrong = templates.filter(template => template.tag !== 'sh' && holdsCommand(template))
    expect(wrong.map(({ where, parts }) => `${where} ${parts.join('…')}`)).toEqual([])
  })
})
