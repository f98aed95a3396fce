/** What agents are made to read is paid for in tokens: every text has a budget in bytes. */
import { GUIDANCE } from '@spec-kitty/core/next/guidance'
import { agentFiles } from '@spec-kitty/core/project/agent-files'
import { AGENTS } from '@spec-kitty/core/project/agents'
import { ORIENTATION } from '@spec-kitty/core/project/orientation'
import { readAgentTexts, readTexts } from '@spec-kitty/core/project/slash-commands'
import { planTemplate } from '@spec-kitty/core/repo/mission/templates'
import { createFiles } from '@spec-kitty/host/files'
import { describe, expect, it } from 'vitest'
import { ASSETS, INSTRUCTIONS } from './program.ts'

const texts = readAgentTexts(createFiles(), ASSETS)
const bytes = (text: string): number => Buffer.byteLength(text)

describe('what agents are given', () => {
  it.each(AGENTS.map(agent => [agent.key, agent] as const))('%s: each file under 6 KB', (_, agent) => {
    for (const file of agentFiles([agent], texts, '0.0.0'))
      expect(bytes(file.text), file.path).toBeLessThan(6 * 1024)
  })

  it.each(AGENTS.map(agent => [agent.key, agent] as const))('%s: under 1 KB is always loaded', (_, agent) => {
    // An agent lists its skills with name and description at every start; of command files it lists none of the text.
    const skills = [
      ...(agent.skills === undefined ? [] : texts.skills),
      ...(agent.format === 'skill' ? texts.commands : []),
    ]
    const menu = skills.map(({ description }) => description).join('\n')
    const orientation = agent.orientation === undefined ? '' : ORIENTATION
    expect(bytes(orientation + menu)).toBeLessThan(1024)
  })

  it('has at most three skills, and every command of the workflow', () => {
    expect(texts.skills.length).toBeLessThanOrEqual(3)
    expect(texts.commands.map(({ name }) => name)).toEqual([
      'accept',
      'analyze',
      'charter',
      'implement',
      'merge',
      'plan',
      'research',
      'review',
      'specify',
      'status',
      'tasks',
    ])
  })

  it('has one form of a plan: page, template and next name the same sections in one order', () => {
    const sections = (text: string) => [...text.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title)
    const template = sections(planTemplate({ slug: 'x', title: 'x' }))
    const page = texts.commands.find(({ name }) => name === 'plan')?.body ?? ''
    expect(sections(page.split('```')[1] ?? '')).toEqual(template)
    const words = new Map(Object.entries(GUIDANCE)).get('software-dev')?.plan ?? ''
    expect([...template].sort((a, b) => words.indexOf(a) - words.indexOf(b))).toEqual(template)
    expect(template.filter(title => !words.includes(title))).toEqual([])
  })

  it('has pages of instructions under 2 KB', () => {
    for (const { name, body } of readTexts(createFiles(), INSTRUCTIONS))
      expect(bytes(body), name).toBeLessThan(2048)
  })

  it('names no address in any text: agents must work offline', () => {
    for (const { name, body } of [
      ...texts.commands,
      ...texts.skills,
      ...readTexts(createFiles(), INSTRUCTIONS),
    ])
      expect(body, name).not.toMatch(/https?:/)
  })
})
