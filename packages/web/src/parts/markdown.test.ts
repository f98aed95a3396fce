import fc from 'fast-check'
import { expect, it } from 'vitest'
import { renderMarkdown } from './markdown.tsx'

const TAGS =
  /^<\/?(?:p|h[1-6]|ul|ol|li|a|code|pre|em|strong|del|blockquote|hr|br|table|thead|tbody|tr|th|td|div|span)(?: (?:href|title|class|start|align|tabindex|role|aria-label)="[^"<>]*")* ?\/?>$/

/** Every tag is one of those that Markdown has, and no address runs anything. */
function requireHarmless(html: string): void {
  for (const tag of html.match(/<[^>]*>?/g) ?? []) expect(tag).toMatch(TAGS)
  for (const [, address = ''] of html.matchAll(/href="([^"]*)"/g))
    expect(address).not.toMatch(/^\s*(?!https?:|mailto:|ircs?:|xmpp:)[a-z][\w+.-]*:/i)
}

it('lets nothing of the text become HTML, whatever it is', () => {
  const piece = fc.constantFrom(
    ...[
      '<script>',
      '</script>',
      '<img src=x onerror=alert(1)>',
      '[x](javascript:alert(1))',
      '![x](data:text/html,y)',
    ],
    ...[
      '<a href="',
      "' onclick=x",
      '`',
      '```\n',
      '| a | b |\n|---|---|\n',
      '- [x] ',
      '# ',
      '&#x6a;avascript:',
      '"',
    ],
    ...[
      '<javascript:alert(1)>',
      '[a]: JaVaScRiPt:x "t"\n',
      '[a]',
      '<!--',
      '-->',
      '\n',
      '\n\n',
      '> ',
      '~~',
      '**',
      '\u0000',
    ],
  )
  const text = fc.array(fc.oneof(piece, fc.string({ maxLength: 6 })), { maxLength: 14 })
  fc.assert(
    fc.property(text, parts => requireHarmless(renderMarkdown(parts.join('')))),
    { numRuns: 500 },
  )
})

it('shows tables, ticks and words of pictures, below the headings of the page', () => {
  const html = renderMarkdown(
    '# One\n\n###### Six\n\n- [x] done\n- [ ] open\n\n![a cat](https://x/y.png)\n\n| a |\n|---|\n| b |\n',
  )
  expect(html).toContain('<h2>One</h2>')
  expect(html).toContain('<h6>Six</h6>')
  expect(html).toContain('<span class="tick ticked" role="img" aria-label="done"></span>')
  expect(html).toContain('<span class="tick" role="img" aria-label="open"></span>')
  expect(html).toContain('<span class="picture">a cat</span>')
  expect(html).toContain('<div class="wide" tabindex="0"><table>')
  expect(renderMarkdown('# One', 0)).toBe('<h1>One</h1>')
})
