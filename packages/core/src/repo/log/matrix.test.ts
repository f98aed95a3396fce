import { DISPLAY_LANES, type DisplayLane, isTerminal, type Lane } from '@spec-kitty/contracts/lanes'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exits, isLegal, judge, MATRIX, type Move, targetLane } from './matrix.ts'

const REVIEW = { review: { reviewer: 'bob', verdict: 'approved', reference: 'PR#1' } }

const bare = (from: Lane, to: Lane): Move => ({
  from,
  to,
  actor: '',
  force: false,
  reason: null,
  holder: null,
  reviewRef: null,
  evidence: null,
  workspace: null,
  subtasksComplete: false,
})
const whole = (from: Lane, to: Lane): Move => ({
  ...bare(from, to),
  actor: 'claude',
  reason: 'because',
  reviewRef: 'feedback://1',
  evidence: REVIEW,
  workspace: 'here',
  subtasksComplete: true,
})

/** The specification's table once more, in another form: from → to: refusal of a move that brings nothing. */
const TABLE: Record<string, Partial<Record<DisplayLane, string>>> = {
  planned: { claimed: 'actor identity', blocked: '', canceled: '' },
  claimed: { in_progress: 'workspace context', blocked: '', canceled: '' },
  in_progress: {
    for_review: 'completed subtasks or force with reason',
    approved: 'requires evidence (reviewer identity and approval reference)',
    planned: 'requires reason',
    blocked: '',
    canceled: '',
  },
  for_review: { in_review: 'actor identity', blocked: '', canceled: '' },
  in_review: {
    approved: 'review_result',
    done: 'review_result',
    in_progress: 'review_result',
    planned: 'review_result',
    blocked: 'review_result',
    canceled: 'review_result',
  },
  approved: {
    done: 'requires evidence (reviewer identity and approval reference)',
    in_progress: 'review_ref',
    planned: 'review_ref',
    blocked: '',
    canceled: '',
  },
  blocked: { in_progress: '', canceled: '' },
  done: {},
  canceled: {},
}
const PAIRS = DISPLAY_LANES.flatMap(from => DISPLAY_LANES.map(to => [from, to] as const))

describe('all 81 pairs', () => {
  test.each(PAIRS)('%s -> %s', (from, to) => {
    const asks = TABLE[from]?.[to]
    expect(isLegal(from, to)).toBe(asks !== undefined)
    if (asks === undefined) {
      expect(judge(whole(from, to))).toMatchObject({
        code: from === 'in_review' && to === 'in_review' ? 'guard_failed' : 'illegal_transition',
      })
    } else {
      expect(judge(whole(from, to))).toBeUndefined()
      const refusal = judge(bare(from, to))
      if (asks === '') expect(refusal).toBeUndefined()
      else expect(refusal).toMatchObject({ code: 'guard_failed', message: expect.stringContaining(asks) })
    }
    // Force: any pair, itself included, with an actor and a reason; nothing else is asked.
    const forced = { ...bare(from, to), force: true, actor: 'a', reason: 'r' }
    expect(judge(forced)).toBeUndefined()
    expect(judge({ ...forced, reason: '  ' })?.message).toBe('Force transitions require actor and reason')
    expect(judge({ ...forced, actor: ' ' })?.message).toBe('Force transitions require actor and reason')
  })

  test.each(DISPLAY_LANES)('genesis -> %s', to => {
    expect(judge(bare('genesis', to)) === undefined).toBe(to === 'planned' || to === 'canceled')
  })

  test.each([...DISPLAY_LANES, 'genesis'] as const)('%s -> genesis, never, by no force', from => {
    const forced = { ...whole(from, 'genesis'), force: true }
    expect(judge(forced)).toMatchObject({ message: `Illegal transition: ${from} -> genesis` })
  })
})

describe('guards', () => {
  test('a review is claimed by anybody but only once', () => {
    expect(judge({ ...whole('for_review', 'in_review'), actor: 'bob', holder: 'claude' })).toBeUndefined()
    const again = { ...whole('in_review', 'in_review'), actor: 'bob' }
    expect(judge({ ...again, holder: 'carol' })?.message).toBe(
      'WP already claimed for review by carol; cannot be claimed by bob',
    )
    expect(judge({ ...again, holder: { tool: 'codex' } })?.message).toContain('for review by codex;')
    expect(judge({ ...again, holder: 'bob' })?.message).toBe('Illegal transition: in_review -> in_review')
  })

  test('a review result is evidence or a reference', () => {
    const move = bare('in_review', 'approved')
    expect(judge({ ...move, evidence: REVIEW })).toBeUndefined()
    expect(judge({ ...move, reviewRef: 'PR#1' })).toBeUndefined()
    expect(
      judge({ ...bare('in_review', 'planned'), evidence: { review: { reviewer: 'bob' } } }),
    ).toBeDefined()
  })

  test('incomplete evidence is refused where it counts, also where the guard is content with less', () => {
    const evidence = { review: { reviewer: 'bob', reference: 'PR#1' } }
    expect(judge({ ...bare('in_progress', 'approved'), evidence })?.message).toBe(
      'Moving to approved requires evidence with review.reviewer, review.verdict, and review.reference',
    )
    expect(judge({ ...bare('approved', 'done'), evidence: { review: 'yes' } })?.message).toContain(
      'Moving to done',
    )
    expect(judge({ ...bare('planned', 'blocked'), evidence })).toBeUndefined()
  })

  test('a refusal says where one can go', () => {
    expect(judge(bare('planned', 'done'))?.hint).toContain('claimed, blocked, canceled')
    expect(judge(bare('done', 'planned'))?.hint).toContain('done is an end')
  })
})

test.each([
  [' Doing ', 'in_progress'],
  ['DONE', 'done'],
  ['genesis', undefined],
  ['nonsense', undefined],
])('the lane typed as "%s" is %s', (typed, lane) => {
  expect(targetLane(typed)).toBe(lane)
})

describe('no dead end', () => {
  const reach = (from: Lane, seen = new Set<Lane>()): ReadonlySet<Lane> => {
    for (const to of exits(from)) {
      if (seen.has(to) || judge(whole(from, to)) !== undefined) continue
      seen.add(to)
      reach(to, seen)
    }
    return seen
  }

  test('every lane is reached from genesis without force', () => {
    expect(reach('genesis')).toEqual(new Set(DISPLAY_LANES))
  })

  // done and canceled are the retired and the canceled themselves; a mission as a whole is opened again by
  // `mission reopen`, a work package by a forced move with its reason on record.
  test('from every reachable state there is a way to cancel, retire or reopen without force', () => {
    const walk = fc.array(fc.nat(), { maxLength: 12 }).map(choices => {
      let lane: Lane = 'genesis'
      for (const choice of choices) {
        const open = exits(lane)
        lane = open[choice % Math.max(open.length, 1)] ?? lane
      }
      return lane
    })
    fc.assert(
      fc.property(walk, lane => {
        if (isTerminal(lane)) return
        expect(judge(whole(lane, 'canceled'))).toBeUndefined()
        expect(reach(lane)).toContain('done')
        // Open again: back to where work can be done.
        expect(lane === 'genesis' || reach(lane).has('in_progress')).toBe(true)
      }),
    )
    for (const end of ['done', 'canceled'] as const) expect(MATRIX[end]).toEqual({})
  })
})
