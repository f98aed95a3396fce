/** What stands beside a work package: its subtasks, what it depends on, and the truth about its lane. */

import { useSignal } from '@preact/signals'
import type { MarkStatus } from '@spec-kitty/contracts/cli/mark-status'
import type { LaneTruth, PackageDetail } from '@spec-kitty/contracts/dashboard/package'
import type { ComponentChildren } from 'preact'
import { refresh } from '../data/answers.ts'
import { act, type Refusal, session } from '../data/ask.ts'
import { toPackage } from '../data/route.ts'
import { age, moment } from '../data/time.ts'
import { laneTitle } from '../parts/lane.tsx'
import { Copyable, Refused } from '../parts/notice.tsx'

export function Aside({ detail }: { readonly detail: PackageDetail }) {
  const { waits_for: waits, dependencies, dependents, lane_truth: truth } = detail
  return (
    <aside aria-label="About this work package">
      {detail.subtasks.length > 0 && <Subtasks detail={detail} />}
      {dependencies.length > 0 && (
        <Facts title="Depends on">
          {dependencies.map(id => {
            const open = waits.find(({ wp_id }) => wp_id === id)
            return (
              <li key={id}>
                <a href={toPackage(detail.mission_slug, id)}>{id}</a>
                <span class="quiet">
                  {open === undefined ? 'approved' : laneTitle(open.lane).toLowerCase()}
                </span>
              </li>
            )
          })}
        </Facts>
      )}
      {dependents.length > 0 && (
        <Facts title="Needed by">
          {dependents.map(id => (
            <li key={id}>
              <a href={toPackage(detail.mission_slug, id)}>{id}</a>
            </li>
          ))}
        </Facts>
      )}
      {truth !== null && <Lane truth={truth} />}
      <Facts title="Owns">
        {detail.owned_files.map(path => (
          <li key={path} class="path">
            {path}
          </li>
        ))}
      </Facts>
      {detail.requirement_refs.length > 0 && (
        <Facts title="Requirements">
          <li>{detail.requirement_refs.join(', ')}</li>
        </Facts>
      )}
      <Facts title="File">
        <li>
          <Copyable text={detail.path} />
        </li>
      </Facts>
    </aside>
  )
}

function Facts({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="facts">
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  )
}

function Lane({ truth }: { readonly truth: LaneTruth }) {
  return (
    <Facts title="Branch">
      <li>
        <Copyable text={truth.branch} />
      </li>
      {truth.ahead !== null && (
        <li>
          {truth.ahead} ahead, {truth.behind} behind <span class="path quiet">{truth.base}</span>
        </li>
      )}
      {truth.last_commit !== null && (
        <li title={moment(truth.last_commit_at)}>
          <code>{truth.last_commit.slice(0, 10)}</code> <span class="quiet">{age(truth.last_commit_at)}</span>
        </li>
      )}
      {truth.worktree !== null && (
        <li>
          <Copyable text={truth.worktree} label="path of the worktree" />
        </li>
      )}
      {truth.dirty_count > 0 && (
        <li>
          <details>
            <summary>
              {truth.dirty_count === 1 ? '1 file' : `${truth.dirty_count} files`} not committed
            </summary>
            <ul>
              {truth.dirty.map(path => (
                <li key={path} class="path">
                  {path}
                </li>
              ))}
            </ul>
          </details>
        </li>
      )}
    </Facts>
  )
}

function Subtasks({ detail }: { readonly detail: PackageDetail }) {
  const refusal = useSignal<Refusal | undefined>(undefined)
  const { mission_slug: mission, wp_id: wp } = detail
  const mark = async (id: string, done: boolean) => {
    const path = `/packages/${encodeURIComponent(mission)}/${encodeURIComponent(wp)}/subtasks`
    const reply = await act<MarkStatus>(path, { ids: [id], status: done ? 'done' : 'pending' })
    refusal.value = reply.refusal
    refresh(mission)
  }
  // The row of tasks.md: its box and its id stand beside it already.
  const words = (text: string) => text.replace(/^[-*]\s*\[.\]\s*(?:T\d+\s*)?/, '')
  const count = detail.subtasks.filter(({ done }) => done).length
  return (
    <section class="facts">
      <h2>
        Subtasks{' '}
        <span class="quiet">
          {count} of {detail.subtasks.length}
        </span>
      </h2>
      <ul class="checklist">
        {detail.subtasks.map(({ id, text, done }, index) => (
          <li key={id ?? index}>
            <label>
              <input
                type="checkbox"
                checked={done}
                disabled={session.value?.read_only !== false || id === null}
                onChange={event => id !== null && mark(id, event.currentTarget.checked)}
              />
              <span class={done ? 'quiet' : ''}>
                {id !== null && <span class="id">{id}</span>} {words(text)}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {refusal.value !== undefined && <Refused refusal={refusal.value} />}
    </section>
  )
}
