/** Light or dark: as the system has it, until somebody chooses. */
import { recall, remember } from '../data/world.ts'

const KEY = 'spec-kitty-theme'

export function startTheme(): void {
  const kept = recall('local', KEY)
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept
}

export function turnTheme(): void {
  const chosen = document.documentElement.dataset.theme
  const dark = chosen === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : chosen === 'dark'
  const next = dark ? 'light' : 'dark'
  document.documentElement.dataset.theme = next
  remember('local', KEY, next)
}
