import { describe, expect, it } from 'vitest'
import { isSelfApproved, ownApproval, readAuthors } from './authors.ts'

let n = 0
/** One move by an actor; the log is in any order. */
const row = (to: string, actor: unknown, from = 'planned', more: object = {}) =>
  JSON.stringify({
    ...{
      actor,
      event_id: `01KQW4DG${String(n).padStart(18, '0')}`,
      from_lane: from,
      to_lane: to,
      wp_id: 'WP01',
    },
    ...{
      at: `2026-01-01T00:00:${String(n++).padStart(2, '0')}.000000+00:00`,
      evidence: null,
      execution_mode: 'worktree',
      mission_slug: 'm',
      force: false,
      ...more,
    },
  })
const by = (reviewer: string) => ({ evidence: { review: { reviewer, verdict: 'approved', reference: 'x' } } })
const authors = (...rows: string[]) => readAuthors(rows.toReversed().join('\n')).get('1') ?? {}

describe('readAuthors', () => {
  const built = [row('claimed', 'claude'), row('in_progress', 'claude', 'claimed'), row('for_review', 'user')]
  const claim = (who: string) => row('in_review', who, 'for_review')

  it.each([
    ['its own work', [row('approved', 'claude', 'in_review', by('Ann'))], 'claude', true],
    ['a full name', [row('approved', 'claude:opus:x:y', 'in_review')], 'claude', true],
    [
      'the claim where nobody is named',
      [claim('claude'), row('approved', 'user', 'in_review', by('Ann'))],
      'claude',
      true,
    ],
    ['the name on record', [row('approved', 'user', 'for_review', by('Ann'))], 'Ann', false],
    ['another agent', [claim('codex'), row('approved', { tool: 'codex' }, 'in_review')], 'codex', false],
    [
      'a merge afterwards',
      [row('approved', 'codex', 'in_review'), row('done', 'merge', 'approved')],
      'codex',
      false,
    ],
    [
      'work sent back by its reviewer',
      [claim('codex'), row('in_progress', 'codex', 'in_review'), row('approved', 'codex', 'in_review')],
      'codex',
      false,
    ],
  ])('reads %s', (_, rows, approver, self) => {
    const found = authors(...built, ...rows)
    expect(found).toMatchObject({ builder: 'claude', approver })
    expect(isSelfApproved(found)).toBe(self)
  })

  it('begins anew with whoever takes it up again, and judges nobody without a name', () => {
    expect(authors(...built, row('planned', 'codex', 'in_review'), row('claimed', 'ann'))).toEqual({
      builder: 'ann',
    })
    expect(isSelfApproved(authors(row('claimed', 'user'), row('approved', 'user', 'in_review')))).toBe(false)
    expect(ownApproval({}, 'user', 'Ann')).toBeUndefined()
    expect(ownApproval({ builder: 'claude' }, 'claude', 'Ann')).toBe('claude')
  })
})
