/** The nine lanes of a mission. A lane without work is a narrow line: the board keeps its order and its room. */

import { useSignal } from '@preact/signals'
import type { BoardRow } from '@spec-kitty/contracts/cli/tasks-status'
import type { MissionDetail, PackageCard } from '@spec-kitty/contracts/dashboard/missions'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { toPackage } from '../data/route.ts'
import { age, moment } from '../data/time.ts'
import { LaneSign, laneTitle } from '../parts/lane.tsx'
import { Empty } from '../parts/notice.tsx'

/** More cards than these cost a browser time; the rest comes on demand. */
const MOST_CARDS = 60

export function Board({ detail }: { readonly detail: MissionDetail }) {
  const { board, packages } = detail
  if (board.total_wps === 0)
    return (
      <Empty title="No work packages yet.">
        When the tasks are written: <code>spec-kitty agent mission finalize-tasks</code>
      </Empty>
    )
  const cards = new Map(packages.map(card => [card.id, card]))
  const lanes = board.work_packages.some(({ lane }) => lane === 'genesis')
    ? ['genesis', ...DISPLAY_LANES]
    : DISPLAY_LANES
  return (
    <div class="board">
      {lanes.map(lane => (
        <Lane
          key={lane}
          lane={lane}
          mission={board.mission_slug}
          rows={board.work_packages.filter(row => row.lane === lane)}
          cards={cards}
        />
      ))}
    </div>
  )
}

interface LaneProps {
  readonly lane: string
  readonly mission: string
  readonly rows: readonly BoardRow[]
  readonly cards: ReadonlyMap<string, PackageCard>
}

function Lane({ lane, mission, rows, cards }: LaneProps) {
  const all = useSignal(false)
  const shown = all.value ? rows : rows.slice(0, MOST_CARDS)
  return (
    <section
      class={`lane ${rows.length === 0 ? 'vacant' : ''}`}
      data-lane={lane}
      aria-label={laneTitle(lane)}
    >
      <h2>
        <LaneSign lane={lane} />
        <span class="lane-title">{laneTitle(lane)}</span>
        <span class="count">{rows.length}</span>
      </h2>
      <ul>
        {shown.map(row => (
          <Card key={row.id} row={row} card={cards.get(row.id)} mission={mission} />
        ))}
      </ul>
      {rows.length > shown.length && (
        <button
          type="button"
          onClick={() => {
            all.value = true
          }}
        >
          Show {rows.length - shown.length} more
        </button>
      )}
    </section>
  )
}

interface CardProps {
  readonly row: BoardRow
  readonly card: PackageCard | undefined
  readonly mission: string
}

function Card({ row, card, mission }: CardProps) {
  // Before somebody takes it, the last word on a package is a program's.
  const taken = row.lane !== 'planned' && row.lane !== 'genesis'
  const who = card?.agent ?? row.agent ?? (taken ? card?.who : '')
  return (
    <li class="card">
      <a href={toPackage(mission, row.id)} data-item data-wp={row.id}>
        <span class="card-head">
          <span class="id">{row.id}</span>
          <span class="quiet" title={moment(card?.since)}>
            {age(card?.since)}
          </span>
        </span>
        <span class="card-title">{row.title}</span>
        <Flags row={row} card={card} />
        <span class="card-foot">
          <span class="who">{who ?? ''}</span>
          <Subtasks done={row.subtasks?.done ?? 0} total={row.subtasks?.total ?? 0} />
        </span>
      </a>
    </li>
  )
}

/** What a person should know before opening the card. */
function Flags({ row, card }: Omit<CardProps, 'mission'>) {
  const rounds = card?.rejected_rounds ?? 0
  const waits = row.lane === 'planned' || row.lane === 'blocked' ? (card?.waits_for ?? []) : []
  const flags: readonly (readonly [string, string])[] = [
    ...(waits.length > 0 ? [['', `waits for ${listed(waits)}`] as const] : []),
    ...(rounds > 0 ? [['warn', rounds === 1 ? 'sent back once' : `sent back ${rounds} times`] as const] : []),
    ...(row.is_stale === true
      ? [['warn', `no commit for ${row.minutes_since_commit ?? '?'} min`] as const]
      : []),
    ...(row.review_stall !== undefined
      ? [['warn', `in review for ${row.review_stall.minutes_in_review} min`] as const]
      : []),
    ...(row._stale_verdict !== undefined
      ? [['bad', `newest review says ${row._stale_verdict}`] as const]
      : []),
  ]
  if (flags.length === 0) return null
  return (
    <span class="flags">
      {flags.map(([kind, text]) => (
        <span key={text} class={`flag ${kind}`}>
          {text}
        </span>
      ))}
    </span>
  )
}

const listed = (ids: readonly string[]): string =>
  ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 2).join(', ')} and ${ids.length - 2} more`

function Subtasks({ done, total }: { readonly done: number; readonly total: number }) {
  if (total === 0) return null
  return (
    <span class="subtasks" title={`${done} of ${total} subtasks done`}>
      <progress max={total} value={done} aria-label="Subtasks" />
      {done}/{total}
    </span>
  )
}
