import { describe, expect, it } from 'vitest'
import { byteLength, fit, instructions, PROMPT_BYTES } from './brief.ts'
import { type ImplementBrief, implementPrompt } from './prompt.ts'

const brief: ImplementBrief = {
  wpId: 'WP02',
  title: 'Sub',
  missionSlug: 'calc-01KQW4DF',
  agent: 'claude',
  workspace: '/r/.worktrees/calc-01KQW4DF-lane-b',
  branch: 'kitty/mission-calc-01KQW4DF-lane-b',
  isolated: true,
  missionDir: '/r/kitty-specs/calc-01KQW4DF',
  wpFile: '/r/kitty-specs/calc-01KQW4DF/tasks/WP02-sub.md',
  body: '# WP02\n\nWrite sub.\n\n## Activity Log\n\n- old\n',
  openSubtasks: ['T002 write sub'],
  subtaskIds: ['T002'],
  ownedFiles: ['src/sub/**'],
  dependencies: [
    { wpId: 'WP01', title: 'Core', lane: 'approved', ownedFiles: ['src/core/**'], wpFile: '/r/wp01.md' },
  ],
  feedback: undefined,
  testEnv: { SPEC_KITTY_TEST_DB_NAME: 'test_x' },
  warnings: [],
}

describe('implementPrompt', () => {
  it('says where to work, on what, what it builds on, and how to report back', () => {
    const prompt = implementPrompt(brief)
    expect(prompt).toContain('# Implement WP02: Sub')
    expect(prompt).toContain(`cd ${brief.workspace}`)
    expect(prompt).toContain('Write sub.')
    expect(prompt).not.toContain('- old')
    expect(prompt).toContain('- T002 write sub')
    expect(prompt).toContain(
      'WP01 Core (approved): its code is here, its files: src/core/**. Contract: /r/wp01.md',
    )
    expect(prompt).toContain('mark-status T002 --status done --mission calc-01KQW4DF')
    expect(prompt).toContain('move-task WP02 --to for_review --mission calc-01KQW4DF --agent claude')
  })

  it('puts the feedback of a rejected round first', () => {
    const prompt = implementPrompt({
      ...brief,
      feedback: { path: '/r/review-cycle-1.md', text: 'Wrong sign.' },
    })
    expect(prompt).toContain('# Fix WP02: Sub')
    expect(prompt.indexOf('Wrong sign.')).toBeLessThan(prompt.indexOf('Write sub.'))
  })

  it('keeps under 6 KB and names the file with the rest', () => {
    const long = 'Ein länglicher Satz über nichts.\n'.repeat(400)
    const prompt = implementPrompt({
      ...brief,
      body: `# WP02\n\n${long}`,
      feedback: { path: '/f.md', text: long },
    })
    expect(byteLength(prompt)).toBeLessThanOrEqual(PROMPT_BYTES)
    expect(byteLength(prompt)).toBeGreaterThan(PROMPT_BYTES - 200)
    expect(prompt).toContain(`… the rest is in ${brief.wpFile}`)
    expect(prompt).toContain('… the rest is in /f.md')
    expect(prompt).toContain('If you cannot go on')
  })

  it('sends planning work to the checkout itself', () => {
    const prompt = implementPrompt({
      ...brief,
      isolated: false,
      workspace: '/r',
      branch: 'main',
      subtaskIds: [],
    })
    expect(prompt).toContain('without a worktree')
    expect(prompt).not.toContain('mark-status')
  })
})

describe('the parts', () => {
  it('counts bytes as UTF-8 does', () => {
    for (const text of ['a', 'é', '€', '😺', 'aé€😺']) expect(byteLength(text)).toBe(Buffer.byteLength(text))
  })

  it('leaves a text that fits alone', () => {
    expect(fit(' a\nb ', 10, 'more')).toBe('a\nb')
    expect(fit('aaaa\nbbbb\ncccc', 11, 'more')).toBe('aaaa\nmore')
  })

  it('takes title and activity log off the instructions, whatever the line ends', () => {
    expect(instructions('# T\r\n\r\nDo.\r\n\r\n## Activity Log\r\n- x')).toBe('Do.')
    expect(instructions('No title.')).toBe('No title.')
  })
})
