import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { GUIDANCE } from '../packages/core/src/next/guidance.ts'
import { planTemplate, tasksReadme } from '../packages/core/src/repo/mission/templates.ts'
import { root } from './source.ts'

const commands = join(root, 'packages/cli/assets/commands')
const page = (name: string): string => readFileSync(join(commands, `${name}.md`), 'utf8')
const block = (text: string, begins: string): string =>
  text.split('```').find(part => part.includes(begins)) ?? ''
const headings = (text: string): readonly string[] => text.match(/^#{1,3} (?!#).*$/gm) ?? []
const promote = readFileSync(join(root, 'packages/core/src/mission/promote.ts'), 'utf8')
const steps = new Map(Object.entries(new Map(Object.entries(GUIDANCE)).get('software-dev') ?? {}))
const next = (step: string): string => steps.get(step) ?? ''

it('a page for an agent is short', () => {
  for (const name of readdirSync(commands))
    expect(page(name.replace(/\.md$/, '')).length, name).toBeLessThan(6000)
})

it('a plan has one form: prompt, template and next', () => {
  const wanted = headings(block(page('plan'), '# Plan: ')).map(line => line.replace(/<(name|Title)>/, '[$1]'))
  const made = headings(planTemplate({ slug: 'x', title: '[Title]' }))
  expect(made).toEqual(wanted)
  for (const heading of made.filter(line => line.startsWith('## ')))
    expect(next('plan')).toContain(heading.slice(3))
})

it('a specification has one form: prompt, next and promote', () => {
  const [header = ''] = /^\| ID \|.*Requirement.*$/m.exec(page('specify')) ?? []
  for (const text of [next('specify'), promote]) {
    expect(text).toContain(header)
    for (const heading of ['## Requirements', '### Functional']) expect(text).toContain(heading)
  }
  for (const text of [page('specify'), next('specify')]) expect(text).toContain('checklists/requirements.md')
})

it('tasks have one form: prompt, next, the page beside them and promote', () => {
  const keys = (text: string): readonly string[] => text.match(/^[a-z_]+(?=:)/gm) ?? []
  expect(keys(block(tasksReadme('main'), 'work_package_id'))).toEqual(
    keys(block(page('tasks'), 'work_package_id')),
  )
  for (const text of [page('tasks'), next('tasks')]) {
    expect(text).toContain('## WP01 - <title>')
    expect(text).toContain('Requirements: FR-001')
  }
  expect(tasksReadme('main')).toContain('# WP01 - ')
  expect(promote).toMatch(/## \$\{wp\.id\} - [\s\S]*Requirements: FR-001/)
})
