/** Packages by what they depend on: the first column needs nothing. */

import { useSignal } from '@preact/signals'
import type { MissionDetail, PackageCard } from '@spec-kitty/contracts/dashboard/missions'
import { useMemo } from 'preact/hooks'
import { toPackage } from '../data/route.ts'
import { LaneSign, laneTitle } from '../parts/lane.tsx'
import { Empty } from '../parts/notice.tsx'
import { curve, layOut, type Place, SIZE } from './graph-layout.ts'

export function Graph({ detail }: { readonly detail: MissionDetail }) {
  const { graph, packages, mission } = detail
  const plan = useMemo(() => layOut(graph.layers, graph.edges), [graph])
  const near = useSignal<string | undefined>(undefined)
  if (packages.length === 0) return <Empty title="No work packages yet." />
  const cards = new Map(packages.map(card => [card.id, card]))
  return (
    <>
      <section class="graph" tabIndex={0} aria-label="Packages by dependency">
        <svg width={plan.width} height={plan.height} viewBox={`0 0 ${plan.width} ${plan.height}`}>
          <title>Work packages and what they depend on</title>
          <g>
            {graph.edges.map(([from, to]) => {
              const [start, end] = [plan.places.get(from), plan.places.get(to)]
              if (start === undefined || end === undefined) return null
              const lit = near.value === from || near.value === to
              return <path key={`${from} ${to}`} class={lit ? 'edge lit' : 'edge'} d={curve(start, end)} />
            })}
          </g>
          {[...plan.places].map(([id, place]) => (
            <Node
              key={id}
              card={cards.get(id)}
              id={id}
              place={place}
              mission={mission.mission_slug}
              look={name => {
                near.value = name
              }}
            />
          ))}
        </svg>
      </section>
      <Lanes detail={detail} />
    </>
  )
}

interface NodeProps {
  readonly id: string
  readonly card: PackageCard | undefined
  readonly place: Place
  readonly mission: string
  readonly look: (id: string | undefined) => void
}

function Node({ id, card, place, mission, look }: NodeProps) {
  const lane = card?.lane ?? 'genesis'
  const needs =
    card === undefined || card.dependencies.length === 0 ? '' : `, depends on ${card.dependencies.join(', ')}`
  return (
    <a
      href={toPackage(mission, id)}
      data-item
      data-lane={lane}
      class="node"
      aria-description={`${laneTitle(lane)}${needs}`}
      onMouseEnter={() => look(id)}
      onMouseLeave={() => look(undefined)}
      onFocus={() => look(id)}
      onBlur={() => look(undefined)}
    >
      <g transform={`translate(${place.x} ${place.y})`}>
        <rect width={SIZE.width} height={SIZE.height} rx="9" />
        <g transform="translate(12 12)">
          <LaneSign lane={lane} />
        </g>
        <text x="36" y="25" class="node-id">
          {id}
        </text>
        <text x={SIZE.width - 12} y="25" class="node-lane" text-anchor="end">
          {card?.lane_id?.replace(/^lane-/, 'lane ') ?? ''}
        </text>
        <text x="12" y="47">
          {shorten(card?.title ?? '')}
        </text>
      </g>
    </a>
  )
}

/** SVG does not cut words by itself. */
const shorten = (text: string): string => (text.length <= 27 ? text : `${text.slice(0, 26).trimEnd()}…`)

function Lanes({ detail }: { readonly detail: MissionDetail }) {
  const { lanes, packages, mission } = detail
  if (lanes.length === 0) return null
  const laneOf = new Map(packages.map(({ id, lane }) => [id, lane]))
  return (
    <section aria-labelledby="lanes">
      <h2 id="lanes">Lanes</h2>
      <ul class="lane-list">
        {lanes.map(lane => (
          <li key={lane.lane_id}>
            <strong>{lane.lane_id}</strong>
            <span class="ids">
              {lane.wp_ids.map(id => (
                <a key={id} href={toPackage(mission.mission_slug, id)}>
                  <LaneSign lane={laneOf.get(id) ?? 'genesis'} />
                  {id}
                </a>
              ))}
            </span>
            <span class="quiet">
              {lane.depends_on_lanes.length > 0 && `after ${lane.depends_on_lanes.join(', ')} `}
              <span class="path">{lane.branch ?? 'planning, no branch'}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
