/** A real browser for stories on the dashboard: Debian's chromium, or the one that SPEC_KITTY_CHROMIUM names. */
import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const program = process.env.SPEC_KITTY_CHROMIUM ?? '/usr/bin/chromium'

/** Why no browser can be had; undefined where one is. */
export const NO_BROWSER = existsSync(program) ? undefined : `no browser at ${program}`

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: program,
    headless: true,
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  })
}

/** What axe finds wrong on the page now, a line each; `rules` asks for these alone. */
export async function violations(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  const here = await page.evaluate(() => typeof Reflect.get(globalThis, 'axe') === 'object')
  if (!here) await page.evaluate(axe.source)
  const found: unknown =
    await page.evaluate(`axe.run(document, ${JSON.stringify(rules === undefined ? {} : { runOnly: rules })}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ')))`)
  expect(Array.isArray(found)).toBe(true)
  return found as readonly string[]
}

/** Pixels that the page is wider than the window. */
export async function overflow(page: Page): Promise<number> {
  return Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'))
}
