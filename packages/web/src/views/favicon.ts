/** The sign in the browser's tab: how much waits, to be seen without looking at the page. */
const FUR = '#d9480f'
export const CAT =
  'M5 4.5c0-1 1.2-1.6 2-.9l5.2 4.3a13 13 0 0 1 7.6 0L25 3.6c.8-.7 2-.1 2 .9V17c0 6.2-4.9 11-11 11S5 23.2 5 17z'

export function drawIcon(count: number): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  if (link === null) return
  const face =
    count === 0
      ? '<circle cx="11.5" cy="16" r="1.9" fill="#fff"/><circle cx="20.5" cy="16" r="1.9" fill="#fff"/>'
      : `<text x="16" y="22" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="15" fill="#fff">${count > 99 ? '99' : count}</text>`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="${FUR}" d="${CAT}"/>${face}</svg>`
  link.href = `data:image/svg+xml,${encodeURIComponent(svg)}`
}
