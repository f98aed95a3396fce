import { greet } from './greet.mjs'

process.stdout.write(`${greet('world')}\n`)
