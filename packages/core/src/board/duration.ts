/** Minutes as people say them: `45m`, `3h`, `12d`. */
export function duration(minutes: number): string {
  if (minutes < 120) return `${minutes}m`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours}h` : `${Math.round(hours / 24)}d`
}
