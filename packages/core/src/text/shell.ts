export { shellQuote } from '@spec-kitty/contracts/sh'
