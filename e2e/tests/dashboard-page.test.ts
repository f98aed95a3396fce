/** Stories on the dashboard's page, in a real browser, with the built program and a repository made by it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launch, NO_BROWSER, overflow, violations } from '../support/browser.ts'

const clone = join(import.meta.dirname, '../..')
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env

let root: string
let mission: string
let address: string
let browser: Browser
let context: BrowserContext
let page: Page

const kitty = (...words: readonly string[]): string =>
  execFileSync(process.execPath, [join(clone, 'bin/spec-kitty'), ...words], {
    cwd: root,
    encoding: 'utf8',
    env,
  })
const move = (wp: string, lane: string, ...more: readonly string[]): string =>
  kitty('agent', 'tasks', 'move-task', wp, '--to', lane, '--mission', mission, '--json', ...more)
const open = (path: string): Promise<unknown> => page.goto(`${address}${path}`)
const at = (path = ''): string => `/m/${mission}${path}`
const laneWith = (wp: string): Promise<string | null> =>
  page.locator('.lane', { has: page.locator(`[data-wp="${wp}"]`) }).getAttribute('data-lane')

describe.skipIf(NO_BROWSER !== undefined)(
  `the dashboard in a browser${NO_BROWSER === undefined ? '' : `: ${NO_BROWSER}`}`,
  () => {
    beforeAll(async () => {
      root = mkdtempSync(join(tmpdir(), 'spec-kitty-page-'))
      const made = execFileSync(process.execPath, [join(clone, 'scripts/demo.mjs'), root], {
        encoding: 'utf8',
        env,
      })
      mission = (JSON.parse(made) as { mission: string }).mission
      kitty('dashboard')
      const [url = '', , token = ''] = readFileSync(join(root, '.kittify/.dashboard'), 'utf8').split('\n')
      address = url.replace(/\/$/, '')
      browser = await launch()
      // The page's own rules stay in force: axe is brought in by the debugger, past them.
      context = await browser.newContext({ viewport: { width: 1440, height: 900 }, bypassCSP: true })
      page = await context.newPage()
      await open(`/?token=${token}`)
    }, 60_000)

    afterAll(async () => {
      await browser.close()
      kitty('dashboard', '--kill')
      rmSync(root, { recursive: true, force: true })
    })

    const ADDRESSES: readonly (readonly [string, string])[] = [
      ['missions', '/'],
      ['board', '#'],
      ['package', '#/wp/WP02'],
      ['changes', '#/wp/WP02/changes'],
      ['reviews', '#/wp/WP02/reviews'],
      ['history', '#/wp/WP02/history'],
      ['timeline', '#/timeline'],
      ['graph', '#/graph'],
      ['merge', '#/merge'],
      ['document', '#/documents/spec.md'],
      ['decisions', '#/documents/decisions'],
    ]

    it.each(ADDRESSES)('%s: can be read by everybody, light, dark and narrow', async (_name, path) => {
      await open(path.replace('#', at()))
      await page.locator('main h1').waitFor()
      await page.locator('.waiting').waitFor({ state: 'detached' })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await violations(page)).toEqual([])
      }
      await page.setViewportSize({ width: 320, height: 700 })
      expect(await overflow(page)).toBeLessThanOrEqual(0)
      await page.setViewportSize({ width: 1440, height: 900 })
    })

    it('counts in its title what waits for somebody, a review and what is blocked', async () => {
      await open('/')
      const count = await page.locator('#for-you .count').textContent()
      expect(Number(count)).toBe(2)
      await expect.poll(() => page.title()).toMatch(/^\(2\) /)
    })

    it('moves a card while the command line works in another process', async () => {
      await open(at())
      await page.locator('.pulse.live').waitFor()
      expect(await laneWith('WP05')).toBe('planned')
      move('WP05', 'blocked', '--note', 'no room')
      await page.locator('[data-lane=blocked] [data-wp=WP05]').waitFor({ timeout: 5_000 })
      expect(await page.title()).toMatch(/^\(\d+\) Board · Sign in/)
    })

    it('shows the board as it was, by the slider', async () => {
      await open(`${at('/timeline')}?at=0`)
      const moment = page.locator('.moment')
      await moment.waitFor()
      expect(await moment.locator('> li').count()).toBe(1)
      await page.getByLabel('Moment', { exact: true }).press('End')
      await moment.locator('[data-lane=approved]', { hasText: 'WP01' }).waitFor()
      await page.getByLabel('Agent').selectOption('codex')
      expect(new URL(page.url()).searchParams.get('who')).toBe('codex')
      expect(await page.locator('.story li strong').allTextContents()).toEqual(
        expect.not.arrayContaining(['claude']),
      )
    })

    it('sends work back with a comment on a line, which is in the feedback file', async () => {
      await open(at('/wp/WP02/changes'))
      const line = page.getByRole('button', { name: 'Comment on line 4', exact: true })
      await line.focus()
      await line.press('Enter')
      await page.getByLabel('Comment on line 4 of src/mail.mjs').fill('Say <b>how long</b> it holds')
      await page.getByRole('button', { name: 'Keep comment' }).click()
      // Nothing is lost with the tab.
      await page.reload()
      await page.locator('.said', { hasText: 'how long' }).waitFor()
      await page.keyboard.press('r')
      await page.getByRole('button', { name: 'Send back', exact: true }).click()
      await page.locator('.tag[data-lane=for_review]').waitFor({ state: 'detached' })
      const shown = JSON.parse(kitty('show', 'WP02', '--mission', mission, '--json')) as {
        lane: string
        reviews: { path: string }[]
      }
      expect(['planned', 'in_progress']).toContain(shown.lane)
      const text = readFileSync(resolve(root, shown.reviews.at(-1)?.path ?? ''), 'utf8')
      expect(text).toContain('src/mail.mjs')
      expect(text).toContain('Say <b>how long</b> it holds')
      await open(at('/wp/WP02/reviews'))
      await page.getByText('Say <b>how long</b> it holds').waitFor()
      expect(await page.locator('.reviews b').count()).toBe(0)
    })

    it('shows what a repository holds as text, never as a page', async () => {
      const file = join(root, 'kitty-specs', mission, 'spec.md')
      const before = readFileSync(file)
      writeFileSync(
        file,
        '# <img src=x onerror="document.title=1">\n\n<script>document.title = 1</script>\n\n[x](javascript:alert(1))\n',
      )
      await open(at('/documents/spec.md'))
      await page.getByText('<script>document.title = 1</script>').waitFor()
      const html = await page.locator('.prose').innerHTML()
      expect(html).not.toMatch(/<script|<img|javascript:/)
      expect(await page.title()).toMatch(/Documents/)
      writeFileSync(file, before)
    })

    it('shows hostile titles, names of files and reviewers as they are written', async () => {
      const hostile = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`
      const file = readdirSync(join(root, 'kitty-specs', mission, 'tasks')).find(name =>
        /^WP06.*\.md$/.test(name),
      )
      const path = join(root, 'kitty-specs', mission, 'tasks', file ?? '')
      const before = readFileSync(path, 'utf8')
      writeFileSync(path, before.replace(/^title: .*$/m, `title: ${JSON.stringify(hostile)}`))
      const lane = join(root, `.worktrees/${mission}-lane-d`)
      const names = [
        'src/<img src=x onerror=alert(1)>.mjs',
        "src/' onfocus='alert(1)' x='.mjs",
        'src/%2e%2e%2f.mjs',
        'src/ü "ö".mjs',
      ]
      for (const name of names)
        writeFileSync(join(lane, name), '</script><script>document.title=1</script>\n')
      const git = (...words: readonly string[]) => execFileSync('git', ['-C', lane, ...words])
      git('add', '-A')
      git('commit', '-qm', hostile)
      await open(at())
      const card = page.locator('[data-wp=WP06] .card-title')
      await card.waitFor()
      expect(await card.textContent()).toBe(hostile)
      for (const view of ['/graph', '/timeline', '/merge', '/wp/WP06', '/wp/WP04/changes']) {
        await open(at(view))
        await page.locator('main h1').waitFor()
        await page.locator('.waiting').waitFor({ state: 'detached' })
        expect(await page.locator('main img, main script, [onerror], [onfocus]').count()).toBe(0)
        expect(await page.title()).not.toMatch(/^(owned|1)$/)
      }
      const shown = (await page.locator('.file').allTextContents()).join('\n')
      for (const name of names) expect(shown).toContain(name)
      const saved = join(root, '..', `${mission}-hostile.html`)
      kitty('dashboard', '--out', saved)
      await page.goto(`file://${saved}#/m/${mission}`)
      await page.locator('[data-wp=WP06] .card-title').waitFor()
      expect(await page.title()).not.toMatch(/^(owned|1)$/)
      rmSync(saved)
      writeFileSync(path, before)
    })

    it('goes everywhere by keyboard', async () => {
      await open(at())
      await page.locator('.board').waitFor()
      await page.keyboard.press('j')
      await page.keyboard.press('l')
      await page.keyboard.press('Enter')
      await page.locator('.package-head').waitFor()
      await page.keyboard.press('u')
      await page.keyboard.press('g')
      await page.keyboard.press('g')
      await page.locator('.graph').waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Keys' }).waitFor()
      expect(await violations(page)).toEqual([])
    })

    it('works from one file without a server', async () => {
      const file = join(root, '..', `${mission}.html`)
      kitty('dashboard', '--out', file)
      const alone = await browser.newContext({ offline: true })
      try {
        const saved = await alone.newPage()
        const errors: string[] = []
        saved.on('console', message => message.type() === 'error' && errors.push(message.text()))
        await saved.goto(`file://${file}#/m/${mission}`)
        await saved.locator('[data-wp=WP01]').click()
        await saved.locator('.package-head').waitFor()
        await saved.getByRole('link', { name: 'Changes' }).click()
        await saved.locator('.file').first().waitFor()
        expect(await saved.getByRole('button', { name: 'Approve…' }).count()).toBe(0)
        expect(errors).toEqual([])
      } finally {
        await alone.close()
        rmSync(file)
      }
    })

    it('merges from the page when nothing stands in the way any more', async () => {
      await open(at('/merge'))
      await page.locator('.blockers > li').first().waitFor()
      expect(await page.locator('.remedies code').first().textContent()).toMatch(/^spec-kitty /)
      // What is thrown away here would be lost with the worktree, which a merge refuses.
      execFileSync('git', ['-C', join(root, `.worktrees/${mission}-lane-c`), 'checkout', '-q', '.'])
      for (const wp of ['WP02', 'WP03', 'WP04', 'WP05', 'WP06', 'WP07'])
        move(wp, 'canceled', '--force', '--note', 'not now')
      await page.getByRole('button', { name: 'Merge…' }).click()
      expect(await violations(page)).toEqual([])
      await page.getByRole('button', { name: 'Merge', exact: true }).click()
      await page.getByText('Merged into main').waitFor({ timeout: 20_000 })
      const files = execFileSync('git', ['ls-tree', '--name-only', 'main:src'], {
        cwd: root,
        encoding: 'utf8',
      })
      expect(files.split('\n')).toContain('tokens.mjs')
    })
  },
)
