import { describe, expect, it } from 'vitest'
import { AGENTS } from './agents.ts'
import { withLines, withMergeDriver, withoutLines, withoutMergeDriver } from './git-files.ts'
import { ORIENTATION, withOrientation } from './orientation.ts'

describe('withLines', () => {
  it('adds what is missing below what is there, with its line ends', () => {
    expect(withLines(undefined, ['a', 'b'])).toBe('# Added by Spec Kitty CLI (auto-managed)\na\nb\n')
    expect(withLines('x\r\na\r\n', ['a', 'b'])).toBe(
      'x\r\na\r\n\r\n# Added by Spec Kitty CLI (auto-managed)\r\nb\r\n',
    )
    expect(withLines('x', ['a'])).toBe('x\n# Added by Spec Kitty CLI (auto-managed)\na\n')
  })
  it('has nothing to do when all is there', () => {
    expect(withLines('b\na\n', ['a', 'b'])).toBeUndefined()
    expect(withLines(withLines(undefined, ['a']), ['a'])).toBeUndefined()
  })
})

describe('withoutLines', () => {
  const LINES = ['a', 'b']
  it.each([[undefined], [''], ['x'], ['x\n'], ['x\n\n'], ['\n'], ['x\r\n'], ['x\r\ny']])(
    'gives %j back',
    text => {
      expect(withoutLines(withLines(text, LINES) ?? '', LINES)).toBe(text)
    },
  )
  it('leaves what was written around and between', () => {
    const text = withLines('x', LINES) ?? ''
    expect(withoutLines(`${text}mine\n`, LINES)).toBe('x\nmine\n')
    expect(withoutLines((withLines('x\n', LINES) ?? '').replace('\nb\n', '\nmine\n'), LINES)).toBe(
      'x\nmine\n',
    )
    expect(withoutLines('a\nx\n', LINES)).toBe('x\n')
  })
})

describe('withoutMergeDriver', () => {
  it('takes its section out and nothing else', () => {
    const before = '[core]\n\tbare = false\n'
    const after = withMergeDriver(before) ?? ''
    expect(withoutMergeDriver(after)).toBe(before)
    expect(withoutMergeDriver(`${after}[user]\n\tname = x\n`)).toBe(`${before}[user]\n\tname = x\n`)
    expect(withoutMergeDriver(before)).toBeUndefined()
  })
})

describe('withMergeDriver', () => {
  it('adds its section once', () => {
    const once = withMergeDriver('[core]\n\tbare = false')
    expect(once).toMatch(
      /^\[core\]\n\tbare = false\n\[merge "spec-kitty-event-log"\]\n\tname = .+\n\tdriver = .+\n$/,
    )
    expect(withMergeDriver(once ?? '')).toBeUndefined()
  })
})

describe('withOrientation', () => {
  const [agent] = AGENTS
  it('replaces an older block and keeps the rest', () => {
    const old = 'before\n<!-- spec-kitty:orientation -->\nold\n<!-- /spec-kitty:orientation -->\nafter\n'
    expect(withOrientation(old, agent!)).toBe(`before\n${ORIENTATION}after\n`)
  })
  it('is small and the same again', () => {
    const once = withOrientation('mine', agent!)
    expect(once).toBe(`mine\n\n${ORIENTATION}`)
    expect(withOrientation(once, agent!)).toBe(once)
    expect(ORIENTATION.length).toBeLessThan(1024)
  })
  it('tells cursor to read its rule always', () => {
    const cursor = AGENTS.find(({ key }) => key === 'cursor')
    expect(withOrientation(undefined, cursor!)).toMatch(/^---\n[\s\S]*alwaysApply: true\n---\n<!--/)
  })
})
