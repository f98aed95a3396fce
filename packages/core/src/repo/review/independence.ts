/** Reviews by somebody else than the one who did the work. */
import { type Remedy, sh } from '@spec-kitty/contracts/sh'

/** Why an approval is refused where the project wants independent ones. No command: it would be run by the wrong one. */
export function askOther(wpId: string, builder: string, slug: string): { message: string; hint: Remedy } {
  return {
    message: `${wpId} was built by ${builder}: review.independence asks for an approval by somebody else`,
    hint: sh`Leave it to another reviewer; what waits is on the board: spec-kitty agent tasks status --mission ${slug}`,
  }
}

/** What is said to the one who approves its own work where that is allowed. */
export function selfNote(wpId: string, builder: string): string {
  return `Note: ${wpId} is approved by ${builder}, who built it as well; the board marks it "self".`
}
