/** Where the page is: everything that can be looked at has an address. A page of one file keeps it behind the `#`. */
import { signal } from '@preact/signals'
import { snapshot } from './snapshot.ts'

const VIEWS = ['board', 'timeline', 'graph', 'merge', 'documents'] as const
export const TABS = ['instructions', 'changes', 'reviews', 'history'] as const
export type View = (typeof VIEWS)[number]
export type Tab = (typeof TABS)[number]

export type Route = { readonly params: URLSearchParams } & (
  | { readonly page: 'missions' | 'nowhere' }
  | { readonly page: View; readonly mission: string; readonly item?: string }
  | { readonly page: 'package'; readonly mission: string; readonly wp: string; readonly tab: Tab }
)

/** The address of a view, to be put into a link. */
export function to(...parts: readonly string[]): string {
  const path = `/${parts.map(encodeURIComponent).join('/')}`
  return snapshot === undefined ? path : `#${path}`
}

export const toMission = (mission: string, view: View = 'board', item?: string): string =>
  view === 'board' ? to('m', mission) : to('m', mission, view, ...(item === undefined ? [] : [item]))

export const toPackage = (mission: string, wp: string, tab: Tab = 'instructions'): string =>
  tab === 'instructions' ? to('m', mission, 'wp', wp) : to('m', mission, 'wp', wp, tab)

export function readRoute(address: string): Route {
  const [path = '', query = ''] = address.split('?', 2)
  const params = new URLSearchParams(query)
  const [first, mission, view = 'board', item, tab = 'instructions'] = path
    .split('/')
    .filter(Boolean)
    .map(decode)
  if (first === undefined) return { page: 'missions', params }
  if (first !== 'm' || mission === undefined) return { page: 'nowhere', params }
  if (view === 'wp' && item !== undefined && isOneOf(TABS, tab))
    return { page: 'package', mission, wp: item, tab, params }
  if (!isOneOf(VIEWS, view)) return { page: 'nowhere', params }
  return { page: view, mission, ...(item !== undefined && { item }), params }
}

function isOneOf<T extends string>(words: readonly T[], word: string): word is T {
  return (words as readonly string[]).includes(word)
}

/** An address typed wrongly is an unknown one, no crash. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const current = (): Route =>
  readRoute(snapshot === undefined ? location.pathname + location.search : location.hash.slice(1))

export const route = signal<Route>(current())

/** Goes to an address made by `to`. `replace` leaves no step in the browser's history. */
export function go(href: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', href)
  else history.pushState(null, '', href)
  route.value = current()
  if (!replace) arrive()
}

/** The same view with another value in its address; an empty one takes it away. */
export function setParam(name: string, value: string): void {
  const params = new URLSearchParams(route.value.params)
  if (value === '') params.delete(name)
  else params.set(name, value)
  const path = snapshot === undefined ? location.pathname : (location.hash.split('?')[0] ?? '')
  const query = params.toString()
  go(`${path || '#/'}${query === '' ? '' : `?${query}`}`, { replace: true })
}

/** A reader who hears the page is told where it is now. */
function arrive(): void {
  scrollTo(0, 0)
  requestAnimationFrame(() => {
    const heading = document.querySelector('main h1')
    if (heading instanceof HTMLElement) heading.focus({ preventScroll: true })
  })
}

export function startRoute(): void {
  addEventListener('popstate', () => {
    route.value = current()
  })
  document.addEventListener('click', event => {
    const link = event.target instanceof Element ? event.target.closest('a[href]') : null
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
    const href = link?.getAttribute('href') ?? ''
    if (!plain || event.defaultPrevented || !/^(\/(?!\/)|#\/)/.test(href)) return
    event.preventDefault()
    go(href)
  })
}
