import { describe, expect, it } from 'vitest'
import { byteLength, PROMPT_BYTES } from '../lanes/brief.ts'
import { type ReviewBrief, reviewPrompt } from './prompt.ts'

const brief: ReviewBrief = {
  wpId: 'WP01',
  title: 'Core',
  missionSlug: 'calc',
  reviewer: 'bob',
  workspace: '/r/.worktrees/calc-lane-a',
  branch: 'kitty/mission-calc-lane-a',
  missionDir: '/r/kitty-specs/calc',
  wpFile: '/r/kitty-specs/calc/tasks/WP01.md',
  body: '# WP01\n\nWrite add.\n',
  diffCommand: 'git -C /r/.worktrees/calc-lane-a diff abc..HEAD',
  changedFiles: ['src/core/add.py'],
  documents: ['spec.md', 'plan.md'],
  ownedFiles: ['src/core/**'],
  cycle: 1,
  lastFeedback: undefined,
}

describe('reviewPrompt', () => {
  it('shows the diff command, the files, the task and both answers', () => {
    const prompt = reviewPrompt(brief)
    expect(prompt).toContain(`\n    ${brief.diffCommand}\n`)
    expect(prompt).toContain('- src/core/add.py')
    expect(prompt).toContain('Write add.')
    expect(prompt).toContain('--to approved --mission calc --agent bob --reviewer bob')
    expect(prompt).toContain(
      '--to planned --mission calc --agent bob --reviewer bob --review-feedback-file FILE',
    )
  })

  it('recalls the last feedback and keeps under 6 KB', () => {
    const prompt = reviewPrompt({
      ...brief,
      cycle: 2,
      body: 'Do it.\n'.repeat(2000),
      changedFiles: Array.from({ length: 99 }, (_, i) => `src/${i}.py`),
      lastFeedback: { path: '/f.md', text: 'Wrong sign.' },
    })
    expect(prompt).toContain('(round 2)')
    expect(prompt).toContain('Wrong sign.')
    expect(prompt).toContain('… and 69 more')
    expect(prompt).toContain(`… the rest is in ${brief.wpFile}`)
    expect(byteLength(prompt)).toBeLessThanOrEqual(PROMPT_BYTES)
  })

  it('says so when nothing was committed', () => {
    expect(reviewPrompt({ ...brief, documents: [], ownedFiles: [] })).not.toMatch(/spec\.md|plan\.md|it owns/)
    expect(reviewPrompt({ ...brief, changedFiles: [] })).toContain('No committed change was found.')
  })
})
