/** What puts a file back as it was committed last, whether or not its deletion was committed. */
import { type Remedy, sh } from '@spec-kitty/contracts/sh'

/** `file`: a path as git takes it, from the top of the checkout. */
export function putBack(file: string): Remedy {
  return sh`git checkout $(git log -1 --diff-filter=AM --format=%H -- ${file}) -- ${file}`
}
