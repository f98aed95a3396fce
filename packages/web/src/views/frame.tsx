/** The frame of every page: where one is, where one can go, and how fresh it all is. */
import type { MissionCards, MissionDetail } from '@spec-kitty/contracts/dashboard/missions'
import { useEffect } from 'preact/hooks'
import { useAnswer } from '../data/answers.ts'
import { session } from '../data/ask.ts'
import { type Pulse, pulse } from '../data/live.ts'
import { type Route, route, to, toMission, type View } from '../data/route.ts'
import { snapshot } from '../data/snapshot.ts'
import { moment } from '../data/time.ts'
import { Empty, Refused, Waiting } from '../parts/notice.tsx'
import { Board } from './board.tsx'
import { Documents } from './documents.tsx'
import { CAT, drawIcon } from './favicon.ts'
import { Graph } from './graph.tsx'
import { helpShown, KeyHelp } from './keys.tsx'
import { Merge } from './merge.tsx'
import { Missions } from './missions.tsx'
import { Package } from './package.tsx'
import { turnTheme } from './theme.ts'
import { TimelineView } from './timeline.tsx'

const VIEWS: readonly (readonly [View, string])[] = [
  ['board', 'Board'],
  ['timeline', 'Timeline'],
  ['graph', 'Graph'],
  ['merge', 'Merge'],
  ['documents', 'Documents'],
]

export function Frame() {
  const here = route.value
  const cards = useAnswer<MissionCards>('/missions')?.data
  const mission = 'mission' in here ? here.mission : undefined
  const name = cards?.missions.find(card => card.mission_slug === mission)?.friendly_name ?? mission
  const waiting = cards?.waiting_for_me ?? 0
  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${titleOf(here, name)} · Spec Kitty`
    drawIcon(waiting)
  }, [waiting, here, name])
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <header class="top">
        <nav class="crumbs" aria-label="Where you are">
          <a href={to()} class="home">
            <Cat />
            <span>{session.value?.project.name ?? 'Spec Kitty'}</span>
          </a>
          {mission !== undefined && (
            <a href={toMission(mission)} class="crumb">
              {name}
            </a>
          )}
        </nav>
        <Freshness />
        <button type="button" class="bare" onClick={turnTheme} aria-label="Light or dark">
          <svg viewBox="0 0 16 16" class="glyph" aria-hidden="true">
            <circle cx="8" cy="8" r="6" />
            <path class="solid" d="M8 2a6 6 0 0 1 0 12z" />
          </svg>
        </button>
        <button
          type="button"
          class="bare"
          onClick={() => {
            helpShown.value = true
          }}
          aria-label="Keys"
        >
          <kbd>?</kbd>
        </button>
      </header>
      {mission !== undefined && <Views here={here} mission={mission} />}
      <main id="main" class={`page-${here.page}`}>
        <Notices />
        <Page here={here} />
      </main>
      <KeyHelp />
    </>
  )
}

/** No link: the address says what is looked at. */
function skip(): void {
  document.querySelector<HTMLElement>('main h1')?.focus()
}

function titleOf(here: Route, name: string | undefined): string {
  if (here.page === 'missions') return 'Missions'
  if (here.page === 'nowhere') return 'Not found'
  if (here.page === 'package') return `${here.wp} · ${name}`
  const [, view = ''] = VIEWS.find(([id]) => id === here.page) ?? []
  return `${view} · ${name}`
}

function Views({ here, mission }: { readonly here: Route; readonly mission: string }) {
  const current = here.page === 'package' ? 'board' : here.page
  return (
    <nav class="views" aria-label="Mission">
      {VIEWS.map(([view, label]) => (
        <a key={view} href={toMission(mission, view)} aria-current={view === current ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  )
}

const PULSES: { readonly [pulse in Pulse]: string } = {
  saved: 'Saved',
  connecting: 'Connecting…',
  live: 'Live',
  asking: 'Every 5 s',
}

function Freshness() {
  const words = snapshot === undefined ? PULSES[pulse.value] : `Saved ${moment(snapshot.taken_at)}`
  return (
    <p class={`pulse ${pulse.value}`} role="status">
      {words}
    </p>
  )
}

function Notices() {
  const { value } = session
  if (snapshot !== undefined || value === undefined || !value.read_only) return null
  return <p class="problem">{value.read_only_reason ?? 'Nothing can be changed here.'}</p>
}

function Page({ here }: { readonly here: Route }) {
  if (here.page === 'missions') return <Missions />
  if (here.page === 'package') return <Package mission={here.mission} wp={here.wp} tab={here.tab} />
  if (!('mission' in here))
    return (
      <Empty title="There is nothing at this address.">
        <a href={to()}>All missions</a>
      </Empty>
    )
  return <MissionPage view={here.page} mission={here.mission} item={here.item} />
}

interface MissionProps {
  readonly view: View
  readonly mission: string
  readonly item: string | undefined
}

function MissionPage({ view, mission, item }: MissionProps) {
  const reply = useAnswer<MissionDetail>(`/missions/${encodeURIComponent(mission)}`)
  if (reply === undefined) return <Waiting />
  if (reply.data === undefined) return <Refused refusal={reply.refusal} />
  const detail = reply.data
  const [, label] = VIEWS.find(([id]) => id === view) ?? []
  return (
    <>
      <header class="mission-head">
        <h1 tabIndex={-1}>
          {detail.mission.friendly_name} <span class="unseen">{label}</span>
        </h1>
        {view === 'board' && <Summary detail={detail} />}
      </header>
      {detail.mission.problems.map(problem => (
        <p key={problem} class="problem">
          {problem}
        </p>
      ))}
      {view === 'board' && <Board detail={detail} />}
      {view === 'timeline' && <TimelineView detail={detail} />}
      {view === 'graph' && <Graph detail={detail} />}
      {view === 'merge' && <Merge detail={detail} />}
      {view === 'documents' && <Documents detail={detail} name={item} />}
    </>
  )
}

function Summary({ detail }: { readonly detail: MissionDetail }) {
  const { board, purpose, landing } = detail
  return (
    <>
      {purpose !== null && purpose !== detail.mission.friendly_name && <p class="purpose">{purpose}</p>}
      <p class="quiet">
        {Math.round(board.progress_percentage)} % · {board.done_count} of {board.total_wps} done · into{' '}
        {landing.target_branch}
        {landing.state === 'ready' && (
          <>
            {' · '}
            <a href={toMission(detail.mission.mission_slug, 'merge')}>ready to merge</a>
          </>
        )}
      </p>
    </>
  )
}

function Cat() {
  return (
    <svg class="cat" viewBox="0 0 32 32" aria-hidden="true">
      <path class="fur" d={CAT} />
      <circle cx="11.5" cy="16" r="1.9" />
      <circle cx="20.5" cy="16" r="1.9" />
      <path class="mouth" d="m14 20.5 2 2 2-2" />
    </svg>
  )
}
