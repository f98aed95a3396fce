/** All missions: what waits for a person first, then those under way, then those that are over. */
import type { MissionCard, MissionCards } from '@spec-kitty/contracts/dashboard/missions'
import { useAnswer } from '../data/answers.ts'
import { route, setParam, toMission, toPackage } from '../data/route.ts'
import { age, moment } from '../data/time.ts'
import { LaneSign } from '../parts/lane.tsx'
import { LaneBar } from '../parts/lane-bar.tsx'
import { Empty, Refused, Waiting } from '../parts/notice.tsx'

export const isOver = ({ landing }: MissionCard): boolean => landing === 'merged' || landing === 'closed'

export function Missions() {
  const reply = useAnswer<MissionCards>('/missions')
  if (reply === undefined) return <Waiting />
  if (reply.data === undefined) return <Refused refusal={reply.refusal} />
  const query = route.value.params.get('q') ?? ''
  const found = reply.data.missions.filter(mission => matches(mission, query)).reverse()
  const open = found.filter(mission => !isOver(mission))
  const over = found.filter(isOver)
  return (
    <>
      <header class="page-head">
        <h1 tabIndex={-1}>Missions</h1>
        <input
          type="search"
          id="search"
          placeholder="Search  /"
          aria-label="Search missions"
          value={query}
          onInput={event => setParam('q', event.currentTarget.value)}
        />
      </header>
      {query === '' && <ForYou missions={reply.data.missions} />}
      {open.length > 0 && (
        <section aria-labelledby="under-way">
          <h2 id="under-way">Under way</h2>
          <ul class="missions">
            {open.map(mission => (
              <Mission key={mission.mission_slug} mission={mission} />
            ))}
          </ul>
        </section>
      )}
      {found.length === 0 && <Nothing query={query} />}
      {over.length > 0 && (
        // A search looks there too.
        <details class="over" open={query !== ''}>
          <summary>
            Finished <span class="count">{over.length}</span>
          </summary>
          <ul class="missions">
            {over.map(mission => (
              <Mission key={mission.mission_slug} mission={mission} />
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

function matches(mission: MissionCard, query: string): boolean {
  const people = [...mission.working, ...mission.waiting].flatMap(({ wp_id, who }) => [wp_id, who ?? ''])
  const text = [mission.friendly_name, mission.mission_slug, mission.target_branch, ...people]
    .join(' ')
    .toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word))
}

function Nothing({ query }: { readonly query: string }) {
  if (query !== '') return <Empty title={`No mission matches “${query}”.`} />
  return (
    <Empty title="No missions yet.">
      Start one in a terminal: <code>spec-kitty agent mission create my-feature</code>
    </Empty>
  )
}

interface Errand {
  readonly href: string
  readonly lane: string
  readonly what: string
  readonly where: string
  readonly since: string
}

function errandsOf(mission: MissionCard): readonly Errand[] {
  const { mission_slug: slug, friendly_name: where } = mission
  const packages = mission.waiting.map(({ wp_id, lane, who, since }) => ({
    href: toPackage(slug, wp_id, lane === 'blocked' ? 'instructions' : 'changes'),
    lane,
    what: lane === 'blocked' ? `${wp_id} is blocked` : `Review ${wp_id}${who === null ? '' : ` by ${who}`}`,
    where,
    since,
  }))
  const { open_decisions: count, last_event_at: since } = mission
  const questions = { href: toMission(slug, 'documents', 'decisions'), lane: 'in_review', where, since: '' }
  return [
    ...packages,
    ...(count > 0
      ? [{ ...questions, what: count === 1 ? 'Answer a question' : `Answer ${count} questions` }]
      : []),
    ...(mission.landing === 'ready'
      ? [{ href: toMission(slug, 'merge'), lane: 'approved', what: 'Ready to merge', where, since }]
      : []),
  ]
}

/** Longer lists hide the missions themselves. */
const MOST_ERRANDS = 8

function ForYou({ missions }: { readonly missions: readonly MissionCard[] }) {
  const errands = missions.filter(mission => !isOver(mission)).flatMap(errandsOf)
  if (errands.length === 0) return null
  return (
    <section class="for-you" aria-labelledby="for-you">
      <h2 id="for-you">
        Waits for you <span class="count">{errands.length}</span>
      </h2>
      <ul>
        {errands.slice(0, MOST_ERRANDS).map(errand => (
          <li key={errand.href + errand.what}>
            <a href={errand.href} data-item>
              <LaneSign lane={errand.lane} />
              <strong>{errand.what}</strong>
              <span class="quiet grow">{errand.where}</span>
              <span class="quiet" title={moment(errand.since)}>
                {age(errand.since)}
              </span>
            </a>
          </li>
        ))}
      </ul>
      {errands.length > MOST_ERRANDS && <p class="quiet">and {errands.length - MOST_ERRANDS} more below</p>}
    </section>
  )
}

const LANDING: { readonly [state in MissionCard['landing']]: string } = {
  open: '',
  ready: 'Ready to merge',
  merged: 'Merged',
  closed: 'Closed',
}

function Mission({ mission }: { readonly mission: MissionCard }) {
  const landing = LANDING[mission.landing]
  return (
    <li class="mission">
      <a href={toMission(mission.mission_slug)} data-item>
        <span class="mission-name">
          {mission.mission_number !== null && <span class="quiet">{mission.mission_number} </span>}
          {mission.friendly_name}
        </span>
        <span class="quiet slug">
          {mission.mission_slug} → {mission.target_branch}
        </span>
      </a>
      <div class="mission-state">
        <LaneBar counts={mission.by_lane} total={mission.total_wps} />
        <span class="quiet">
          {mission.total_wps === 0 ? mission.state : `${mission.done_wps} of ${mission.total_wps} done`}
        </span>
      </div>
      <ul class="people" aria-label="At work">
        {mission.working.slice(0, 4).map(({ wp_id, who, lane, since }) => (
          <li key={wp_id}>
            <a href={toPackage(mission.mission_slug, wp_id)} title={`since ${moment(since)}`}>
              <LaneSign lane={lane} />
              {who ?? 'somebody'} <span class="quiet">{wp_id}</span>
            </a>
          </li>
        ))}
        {mission.working.length > 4 && <li class="quiet">+{mission.working.length - 4}</li>}
      </ul>
      <div class="mission-end">
        {landing !== '' && <span class={`chip ${mission.landing === 'ready' ? 'good' : ''}`}>{landing}</span>}
        <span class="quiet" title={moment(mission.last_event_at)}>
          {age(mission.last_event_at)}
        </span>
      </div>
      {mission.problems.map(problem => (
        <p key={problem} class="problem">
          {problem}
        </p>
      ))}
    </li>
  )
}
