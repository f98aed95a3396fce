/** What `charter interview` asks on a terminal. The prompt is the library's; only the answers are played here. */

import { createPorts } from '@spec-kitty/host/ports'
import { addProject } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Session } from '../../command.ts'
import { createStyle } from '../../style.ts'
import { command } from './interview.ts'

const answers = vi.hoisted(() => ({ text: vi.fn() }))
vi.mock('@clack/prompts', () => ({ ...answers, isCancel: (value: unknown) => typeof value === 'symbol' }))

const session: Session = {
  json: false,
  interactive: () => true,
  show: () => {},
  stayUntil: () => {},
  settle: () => {},
  acting: createPorts({ env: {} }),
  emit: () => true,
  terminal: () => Promise.reject(new Error('no terminal')),
  style: createStyle(false, 80),
}
let world: World
beforeEach(() => {
  world = createWorld()
  addProject(world)
  world.commit()
})
afterEach(() => world.cleanup())

describe('charter interview on a terminal', () => {
  it('asks the seven questions, each with an answer to begin with', async () => {
    answers.text.mockImplementation(({ message }: { message: string }) =>
      Promise.resolve(message.startsWith('Which tests') ? 'Every bug has a test: "always"' : 'As usual'),
    )
    const outcome = await command.run(world.ports, {}, session)
    expect(answers.text).toHaveBeenCalledTimes(7)
    expect(answers.text.mock.calls.every(([asked]) => asked.placeholder !== '')).toBe(true)
    expect(outcome.text(session.style)).toContain('spec-kitty charter generate')
    expect(world.read('.kittify/charter/interview/answers.yaml')).toContain('Every bug has a test: "always"')
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('writes nothing when it is cancelled', async () => {
    answers.text.mockResolvedValueOnce(Symbol('cancel'))
    await expect(command.run(world.ports, {}, session)).rejects.toThrow('Cancelled, nothing written')
    expect(world.exists('.kittify/charter')).toBe(false)
  })
})
