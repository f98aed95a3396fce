import { describe, expect, it } from 'vitest'
import { readCheckbox, readInline, setMark } from './rows.ts'

describe('readCheckbox', () => {
  it.each<[string, string, 'done' | 'pending']>([
    ['- [ ] T001 a', 'T001', 'pending'],
    ['- [x] T001 a', 'T001', 'done'],
    ['- [X] t001', 'T001', 'done'],
    ['* [ ] T001: a', 'T001', 'pending'],
    ['+ [ ] T001.', 'T001', 'pending'],
    ['1. [x] T001 - a', 'T001', 'done'],
    ['2) [ ] T001', 'T001', 'pending'],
    ['    - [ ] **T001** a', 'T001', 'pending'],
    ['- [ ] `T001`', 'T001', 'pending'],
    ['- [ ] [T001] a', 'T001', 'pending'],
    ['-[ ]T001', 'T001', 'pending'],
    ['> - [ ] T001', 'T001', 'pending'],
    ['- [ ] WP01 a', 'WP01', 'pending'],
    ['- [ ] T001 — a', 'T001', 'pending'],
  ])('%s', (text, id, state) => expect(readCheckbox(text)).toMatchObject({ id, state }))

  it.each<[string, string]>([
    ['- [ ] T003-foo', 'T003-FOO'],
    ['- [ ] T004.5: a', 'T004.5'],
    ['- [ ] T005b', 'T005B'],
    ['- [ ] T019-A.', 'T019-A'],
    ['- [ ] [P] T001', 'T001'],
    ['- [ ] [T001] [P] a', 'T001'],
    ['- [ ] Task T001', 'T001'],
    ['- [ ] (T001) a', 'T001'],
    ['- [ ] TASK-1 a', 'TASK-1'],
    ['- [ ] WP01-T1 a', 'WP01-T1'],
    ['- [-] T001', 'T001'],
    ['- [~] T001', 'T001'],
    ['- [] T001', 'T001'],
    ['- [✓] T001', 'T001'],
    ['- [o] T001', 'T001'],
    ['[ ] T001', 'T001'],
    ['> [ ] T001', 'T001'],
    ['- - [ ] T001', 'T001'],
    ['1. - [ ] T001', 'T001'],
    ['- [P] [ ] T001', 'T001'],
    ['- [ ] [P] [US1] T001', 'T001'],
    ['- [ ] [WP01] T001', 'T001'],
    ['- [ ] #T001', 'T001'],
    ['- ☐ T001', 'T001'],
    ['☐ T001', 'T001'],
    ['- ⬜ **T001** a', 'T001'],
  ])('reads the whole id of %s', (text, id) =>
    expect(readCheckbox(text)).toMatchObject({ id, state: 'pending' }),
  )

  it.each(['- [ ] do T001', '- [ ] 001', '- [/] write it'])('%s is a box without an id', text =>
    expect(readCheckbox(text)).toMatchObject({ id: undefined, state: 'pending' }),
  )

  it.each([
    'See - [ ] T001',
    '[-] T001',
    '[x](y) T001',
    '✅ works',
    '⬜ open',
    '- T001',
    '| [ ] T001 |',
    '- [P] T001',
    '- [1] T001',
    '- [ ](x) T001',
  ])('%s is no box', text => expect(readCheckbox(text)).toBeUndefined())

  it.each([
    ['- ☐ T001', '- ☑ T001'],
    ['⬜\uFE0F T001', '✅\uFE0F T001'],
    ['- - [] T001', '- - [x] T001'],
  ])('ticks the box of %s in its own sign', (open, ticked) => {
    expect(setMark(open, readCheckbox(open)!, 'done')).toBe(ticked)
    expect(readCheckbox(ticked)).toMatchObject({ state: 'done' })
    expect(readCheckbox(setMark(ticked, readCheckbox(ticked)!, 'pending'))).toMatchObject({
      state: 'pending',
    })
  })

  it('changes only the character between the brackets', () => {
    const set = (text: string, state: 'done' | 'pending') => setMark(text, readCheckbox(text)!, state)
    expect(set('  *  [ ]T001 [ ] b', 'done')).toBe('  *  [x]T001 [ ] b')
    expect(set('10. [X] T001', 'pending')).toBe('10. [ ] T001')
    expect(set('- [] T001', 'done')).toBe('- [x] T001')
  })
})

describe('readInline', () => {
  it.each<[string, string]>([
    ['Subtasks: T001, T002', 'T001'],
    ['Subtasks: T001, T002', 'T002'],
    ['**Subtasks**: T001 and T002', 'T002'],
    ['**Subtasks:** T001, T002.', 'T002'],
    ['- **Included subtasks**: T001..T005', 'T003'],
    ['**Subtasks**: T001–T006 (6 subtasks)', 'T006'],
    ['**Subtasks**: T001-T005, T009', 'T009'],
    ['*Subtasks*: **T001**, `T002`', 'T002'],
    ['subtasks: t001, wp02', 'WP02'],
    ['Priority: P1 | Subtasks: T001 (a), T002 (b)', 'T002'],
    ['Subtasks: T001, T002, and T003', 'T003'],
  ])('%s names %s', (text, id) => expect(readInline(text, id)).toEqual({ box: undefined }))

  it.each<[string, string]>([
    ['Subtasks: T001, T002', 'T003'],
    ['Subtasks: T0011', 'T001'],
    ['Subtasks: T001-foo', 'T001'],
    ['Subtasks: T001-T005', 'T006'],
    ['Subtasks: T001-T005', 'T03'],
    ['Subtasks: T001. Then T002', 'T002'],
    ['**Total Subtasks**: 45 (T001-T045)', 'T001'],
    ['Subtasks T001', 'T001'],
    ['Tasks: T001', 'T001'],
    ['Subtasks:', 'T001'],
    ['Subtasks: T001', 'foo'],
  ])('%s does not name %s', (text, id) => expect(readInline(text, id)).toBeUndefined())

  it('finds the box of an id on the line itself', () => {
    const text = '- **Subtasks**: - [x] T011 (WP03) · - [ ] T012 (WP03) | **Depends on**: WP02'
    expect(readInline(text, 'T011')?.box?.state).toBe('done')
    const box = readInline(text, 'T012')!.box!
    expect(box.state).toBe('pending')
    expect(setMark(text, box, 'done')).toBe(text.replace('[ ] T012', '[x] T012'))
  })
})
