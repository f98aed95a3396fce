/** The page, held in memory: what was built beside the program, or a few lines where nothing was. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Asset {
  readonly type: string
  readonly bytes: Buffer
  readonly tag: string
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
}

const BARE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Spec Kitty</title>
<h1>Spec Kitty</h1><p>The page was not built into this program. The answers are there: <a href="/api/v2/missions">missions</a>.</p></html>
`

/** By name, flat: no path of a request ever becomes a path on disk. */
export function readAssets(directory: string): ReadonlyMap<string, Asset> {
  const names = list(directory).filter(name => TYPES[extension(name)] !== undefined)
  const assets = new Map(names.map(name => [name, asset(name, readFileSync(join(directory, name)))] as const))
  if (!assets.has('index.html')) assets.set('index.html', asset('index.html', Buffer.from(BARE)))
  return assets
}

function asset(name: string, bytes: Buffer): Asset {
  const tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
  return { type: TYPES[extension(name)] ?? '', bytes, tag }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function extension(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
