/** Everything by keyboard. One table is what is done and what the help says. */
import { signal } from '@preact/signals'
import { go, route, to, toMission, toPackage, type View } from '../data/route.ts'
import { Dialog } from '../parts/dialog.tsx'
import { turnTheme } from './theme.ts'

export const helpShown = signal(false)

interface Key {
  readonly keys: string
  readonly does: string
  readonly run: () => void
}

const KEYS: readonly Key[] = [
  { keys: 'j', does: 'next card, row or file', run: () => step(1) },
  { keys: 'k', does: 'previous', run: () => step(-1) },
  { keys: 'l', does: 'next lane of the board', run: () => stepLane(1) },
  { keys: 'h', does: 'previous lane', run: () => stepLane(-1) },
  { keys: 'u', does: 'up: from a package to its board, from there to the missions', run: up },
  { keys: '/', does: 'search missions', run: search },
  { keys: 'g m', does: 'go to the missions', run: () => go(to()) },
  { keys: 'g b', does: 'to the board', run: () => goView('board') },
  { keys: 'g t', does: 'to the timeline', run: () => goView('timeline') },
  { keys: 'g g', does: 'to the graph', run: () => goView('graph') },
  { keys: 'g r', does: 'to the merge', run: () => goView('merge') },
  { keys: 'g d', does: 'to the documents', run: () => goView('documents') },
  { keys: 'c', does: 'changes of a package', run: () => goTab('changes') },
  { keys: 'i', does: 'its instructions', run: () => goTab('instructions') },
  { keys: 'v', does: 'diff side by side or unified', run: () => press('other-layout') },
  { keys: 's', does: 'start the review', run: () => press('act-start') },
  { keys: 'a', does: 'approve', run: () => press('act-approve') },
  { keys: 'r', does: 'send back', run: () => press('act-reject') },
  { keys: 'm', does: 'move, or merge', run: () => press('act-move') || press('act-merge') },
  { keys: 't', does: 'light or dark', run: turnTheme },
  { keys: '?', does: 'this list', run: () => (helpShown.value = true) },
]

/** A first key waits for its second. */
const PATIENCE = 1_200
let first = ''
let forget: ReturnType<typeof setTimeout> | undefined

export function startKeys(): void {
  addEventListener('keydown', event => {
    const typing =
      event.target instanceof Element && event.target.closest('input:not([type=checkbox]), textarea, select')
    const busy = typing || document.querySelector('dialog[open]') !== null
    if (busy || event.ctrlKey || event.metaKey || event.altKey) return
    const pressed = first === '' ? event.key : `${first} ${event.key}`
    first = ''
    clearTimeout(forget)
    const key = KEYS.find(({ keys }) => keys === pressed)
    if (key !== undefined) {
      event.preventDefault()
      key.run()
    } else if (KEYS.some(({ keys }) => keys.startsWith(`${event.key} `))) {
      first = event.key
      forget = setTimeout(() => {
        first = ''
      }, PATIENCE)
    }
  })
}

function step(by: number): void {
  const items = [...document.querySelectorAll<HTMLElement>('main [data-item]')].filter(
    item => item.getClientRects().length > 0,
  )
  const here = items.indexOf(document.activeElement as HTMLElement)
  focus(items[here === -1 ? (by > 0 ? 0 : items.length - 1) : here + by])
}

function stepLane(by: number): void {
  const lanes = [...document.querySelectorAll('.board .lane')].filter(lane =>
    lane.querySelector('[data-item]'),
  )
  const here = lanes.findIndex(lane => lane.contains(document.activeElement))
  focus(lanes[here === -1 ? 0 : here + by]?.querySelector<HTMLElement>('[data-item]'))
}

function focus(element: HTMLElement | null | undefined): void {
  element?.focus()
  element?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}

function press(id: string): boolean {
  const button = document.getElementById(id)
  button?.click()
  return button !== null
}

function search(): void {
  if (route.value.page !== 'missions') go(to())
  requestAnimationFrame(() => document.getElementById('search')?.focus())
}

function goView(view: View): void {
  if ('mission' in route.value) go(toMission(route.value.mission, view))
}

function goTab(tab: 'changes' | 'instructions'): void {
  if (route.value.page === 'package') go(toPackage(route.value.mission, route.value.wp, tab))
}

function up(): void {
  const here = route.value
  if (here.page === 'package' || (here.page !== 'board' && 'mission' in here)) go(toMission(here.mission))
  else if (here.page !== 'missions') go(to())
}

export function KeyHelp() {
  if (!helpShown.value) return null
  return (
    <Dialog title="Keys" close={() => (helpShown.value = false)}>
      <dl class="keys">
        {KEYS.map(({ keys, does }) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key, index) => (
                <kbd key={index}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">
        Enter opens. In a diff the arrows go from line to line, and Enter writes beside one.
      </p>
    </Dialog>
  )
}
