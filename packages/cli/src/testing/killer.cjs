'use strict'
/**
 * Test only: `node --require killer.cjs program` ends itself by SIGKILL at step KILL_AT. A step is the moment before
 * or after a git process, and before or after every call that changes the file system. Without KILL_AT the steps are
 * counted into the file KILL_COUNT. Clock and random numbers stand still, so that two runs make the same commits.
 */
const fs = require('node:fs')
const child = require('node:child_process')
const crypto = require('node:crypto')

const at = Number(process.env.KILL_AT ?? 0)
/** Milliseconds at which the clock stands still; ids are random then. */
const OWN_TIME = process.env.KILL_NOW
const original = { writeFileSync: fs.writeFileSync }
let steps = 0

function step() {
  steps += 1
  if (steps === at) process.kill(process.pid, 'SIGKILL')
}

const CHANGING = [
  'writeSync',
  'renameSync',
  'unlinkSync',
  'ftruncateSync',
  'mkdirSync',
  'rmSync',
  'writeFileSync',
  'mkdtempSync',
]
for (const name of CHANGING) {
  const real = fs[name]
  fs[name] = (...args) => {
    step()
    const result = real(...args)
    step()
    return result
  }
}
const open = fs.openSync
fs.openSync = (path, flags, mode) => {
  if (path === '/dev/urandom' && !OWN_TIME) return open('/dev/zero', flags)
  const makes = typeof flags === 'string' ? /[wa]/.test(flags) : (flags & fs.constants.O_CREAT) !== 0
  if (makes) step()
  const fd = open(path, flags, mode)
  if (makes) step()
  return fd
}

const spawn = child.spawn
child.spawn = (...args) => {
  step()
  const process = spawn(...args)
  process.prependListener('close', step)
  return process
}

// What is imported sees the replacements too.
require('node:module').syncBuiltinESMExports()

const START = Number(OWN_TIME ?? 1770091506000)
Date.now = () => START
process.hrtime = Object.assign(() => [0, 0], { bigint: process.hrtime.bigint })
if (!OWN_TIME) crypto.randomBytes = length => Buffer.alloc(length)

process.on('exit', () => {
  if (process.env.KILL_COUNT) original.writeFileSync(process.env.KILL_COUNT, String(steps))
})
