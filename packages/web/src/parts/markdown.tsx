/**
 * Markdown of a repository. The library escapes HTML and drops addresses that could run something; what is changed in its
 * output are tags that it alone can have written.
 */
import { micromark } from 'micromark'
import { gfmStrikethrough, gfmStrikethroughHtml } from 'micromark-extension-gfm-strikethrough'
import { gfmTable, gfmTableHtml } from 'micromark-extension-gfm-table'
import { gfmTaskListItem, gfmTaskListItemHtml } from 'micromark-extension-gfm-task-list-item'
import { useMemo } from 'preact/hooks'

const OPTIONS = {
  extensions: [gfmTable(), gfmStrikethrough(), gfmTaskListItem()],
  htmlExtensions: [gfmTableHtml(), gfmStrikethroughHtml(), gfmTaskListItemHtml()],
}

/** HTML that may be shown. Headings stand `lower` levels lower, below that of the page. */
export function renderMarkdown(text: string, lower = 1): string {
  return (
    micromark(text, OPTIONS)
      .replace(/<(\/?)h([1-6])>/g, (_, slash, level) => `<${slash}h${Math.min(6, Number(level) + lower)}>`)
      .replace(/<input type="checkbox"([^>]*)>/g, (_, attributes: string) =>
        tick(attributes.includes('checked')),
      )
      // Pictures would be asked of strangers; their words are kept.
      .replace(/<img [^>]*?alt="([^"]*)"[^>]*>/g, '<span class="picture">$1</span>')
      // What can be scrolled can be reached by keyboard.
      .replaceAll('<pre>', '<pre tabindex="0">')
      .replaceAll('<table>', '<div class="wide" tabindex="0"><table>')
      .replaceAll('</table>', '</table></div>')
  )
}

const tick = (done: boolean): string =>
  `<span class="tick${done ? ' ticked' : ''}" role="img" aria-label="${done ? 'done' : 'open'}"></span>`

interface Props {
  readonly text: string
  /** 0 where its own title was taken away. */
  readonly lower?: 0 | 1
}

export function Markdown({ text, lower = 1 }: Props) {
  const html = useMemo(() => renderMarkdown(text, lower), [text, lower])
  return <div class="prose" dangerouslySetInnerHTML={{ __html: html }} />
}
