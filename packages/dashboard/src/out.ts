/** The page as one file that needs no server: for the artefacts of a build and for mail. */
import { createHash } from 'node:crypto'
import type { Snapshot } from '@spec-kitty/contracts/dashboard/session'
import type { Asset } from './assets.ts'

const SCRIPT = '<script type="module" src="/app.js"></script>'
const STYLE = '<link rel="stylesheet" href="/app.css">'

/** The built page with its parts put in place and the answers beside them. */
export function pageFile(assets: ReadonlyMap<string, Asset>, snapshot: Snapshot): string {
  const part = (name: string): string => assets.get(name)?.bytes.toString('utf8') ?? ''
  // The end tag within a script would end it, wherever it stands.
  const script = part('app.js').replaceAll('</script', '<\\/script')
  const style = part('app.css').replaceAll('</style', '<\\/style')
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; img-src data:; base-uri 'none'; form-action 'none'`
  const data = JSON.stringify(snapshot).replace(
    /[<\u2028\u2029]/g,
    letter => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const head = `<meta http-equiv="content-security-policy" content="${policy}">`
  return part('index.html')
    .replace(/<meta charset="?utf-8"?>/i, tag => `${tag}\n${head}`)
    .replace(STYLE, () => `<style>${style}</style>`)
    .replace(
      SCRIPT,
      () =>
        `<script type="application/json" id="spec-kitty-snapshot">${data}</script>\n<script type="module">${script}</script>`,
    )
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
