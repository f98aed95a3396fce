import { describe, expect, test } from 'vitest'
import { lockFileEx } from './native-lock.ts'

/** What kernel32 and node.exe answer; the calls in their order. */
function windows(answers: { readonly locked: number; readonly error?: number }) {
  const calls: unknown[][] = []
  const functions: Readonly<Record<string, (...args: unknown[]) => unknown>> = {
    uv_get_osfhandle: fd => Number(fd) + 100,
    LockFileEx: () => answers.locked,
    GetLastError: () => answers.error ?? 0,
  }
  const load = (library: string) => ({
    func: (signature: string) => {
      const name = /(\w+)\(/.exec(signature)?.[1] ?? ''
      return (...args: unknown[]) => {
        calls.push([library, name, ...args])
        return functions[name]?.(...args)
      }
    },
  })
  return { calls, lock: lockFileEx({ load } as never, 'node.exe') }
}

describe('LockFileEx', () => {
  test('locks the first byte of the file by its handle, without waiting', () => {
    const { calls, lock } = windows({ locked: 1 })
    expect(lock.tryLock(7)).toBe(true)
    expect(calls).toEqual([
      ['node.exe', 'uv_get_osfhandle', 7],
      ['kernel32.dll', 'LockFileEx', 107, 3, 0, 1, 0, Buffer.alloc(32)],
    ])
  })

  test.each([33, 997])('error %i: somebody else holds it', error => {
    expect(windows({ locked: 0, error }).lock.tryLock(7)).toBe(false)
  })

  test('another error is told', () => {
    expect(() => windows({ locked: 0, error: 50 }).lock.tryLock(7)).toThrow('LockFileEx failed with error 50')
  })
})
