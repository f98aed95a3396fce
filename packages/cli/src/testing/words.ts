import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'

/** The command that most tests of status and sync begin with. */
export function emitWords(wp: string, to: string, ...more: readonly string[]): string[] {
  const words = ['agent', 'status', 'emit', wp, '--to', to, '--actor', 'claude']
  return [...words, '--mission', MISSION_SLUG, '--json', ...more]
}
