/**
 * `npm run pictures`: draws the pictures of the README in docs/pictures from a repository made for it: the dashboard by a
 * real browser, the board of the terminal from what the program really prints.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { makeDemo } from './demo.mjs'
import { root as clone } from './workspace.mjs'

const pictures = join(clone, 'docs/pictures')
/** A clone is not to grow with its pictures. */
const MOST_BYTES = 150_000
const COLUMNS = 118

const world = mkdtempSync(join(tmpdir(), 'spec-kitty-pictures-'))
const kitty = (...words) =>
  execFileSync(process.execPath, [join(clone, 'bin/spec-kitty'), ...words], {
    cwd: join(world, 'shop'),
    encoding: 'utf8',
    env: { ...process.env, COLUMNS: String(COLUMNS), FORCE_COLOR: '1', NO_COLOR: undefined },
  })

/** Colour codes as the terminal board uses them, on a dark ground. */
const COLOURS = { 31: '#ff9384', 32: '#7ccf8c', 33: '#e8b457', 36: '#62bde2' }
const escaped = text => text.replace(/[&<>]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign])

const ESCAPE = '\u001b'
const COLOUR = new RegExp(`${ESCAPE}\\[([\\d;]*)m`)

/** A line with its colours as pieces of SVG text; blanks keep their place. */
function pieces(line) {
  let style = ''
  return line
    .split(COLOUR)
    .map((piece, index) => {
      if (index % 2 === 0) return piece === '' ? '' : `<tspan${style}>${escaped(piece)}</tspan>`
      const codes = piece.split(';').map(Number)
      for (const code of codes) {
        if (code === 1) style += ' font-weight="700"'
        else if (code === 2) style += ' opacity="0.6"'
        else if (code in COLOURS) style += ` fill="${COLOURS[code]}"`
        else style = ''
      }
      return ''
    })
    .join('')
}

/** What a terminal shows, as a picture that can be read at any size. */
function terminal(command, output) {
  const lines = [`${ESCAPE}[2m$${ESCAPE}[0m ${command}`, '', ...output.trimEnd().split('\n')]
  const [width, height] = [COLUMNS * 7.83 + 40, lines.length * 19 + 36]
  const rows = lines.map((line, row) => `<text x="20" y="${32 + row * 19}">${pieces(line)}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${Math.round(width)} ${height}" role="img" aria-label="The board in a terminal"><rect width="100%" height="100%" rx="10" fill="#161513"/><g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace" font-size="13" fill="#eceae5" xml:space="preserve">\n${rows.join('\n')}\n</g></svg>\n`
}

async function dashboard(mission) {
  kitty('dashboard')
  const [url, , token] = readFileSync(join(world, 'shop/.kittify/.dashboard'), 'utf8').split('\n')
  const browser = await chromium.launch({
    executablePath: process.env.SPEC_KITTY_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1400, height: 560 } })
    const address = url.replace(/\/$/, '')
    const draw = async (name, path, colorScheme) => {
      await page.emulateMedia({ colorScheme })
      await page.goto(`${address}${path}`)
      await page.locator('main h1').waitFor()
      await page.locator('.pulse.live').waitFor()
      await page.screenshot({ path: join(pictures, `${name}.png`) })
    }
    await page.goto(`${address}/?token=${token}`)
    await draw('dashboard', `/m/${mission}`, 'light')
    await draw('dashboard-review', `/m/${mission}/wp/WP02/changes`, 'dark')
  } finally {
    await browser.close()
    kitty('dashboard', '--kill')
  }
}

try {
  const { mission } = makeDemo(join(world, 'shop'))
  mkdirSync(pictures, { recursive: true })
  writeFileSync(
    join(pictures, 'board.svg'),
    terminal('spec-kitty board', kitty('board', '--mission', mission)),
  )
  await dashboard(mission)
  for (const name of ['board.svg', 'dashboard.png', 'dashboard-review.png']) {
    const { size } = statSync(join(pictures, name))
    if (size > MOST_BYTES) throw new Error(`${name} is ${size} bytes, more than ${MOST_BYTES}`)
    process.stdout.write(`docs/pictures/${name}: ${Math.round(size / 1024)} KiB\n`)
  }
} finally {
  rmSync(world, { recursive: true, force: true })
}
