/** A page of one file carries its answers with it (`dashboard --out`): nothing is asked, nothing can be changed. */
import type { Snapshot } from '@spec-kitty/contracts/dashboard/session'
import { parseJson } from '@spec-kitty/contracts/json'

const element = document.getElementById('spec-kitty-snapshot')

/** Undefined where a server answers. */
export const snapshot = element === null ? undefined : (parseJson(element.textContent ?? '') as Snapshot)
