/** The dry run of the merge, kept current; and the merge, when nothing stands in its way. */

import { useSignal } from '@preact/signals'
import type { MergeDone } from '@spec-kitty/contracts/cli/merge'
import type { MergeBlocker, MergeDryRun, MergeReady } from '@spec-kitty/contracts/cli/merge-dry-run'
import type { MissionDetail } from '@spec-kitty/contracts/dashboard/missions'
import type { LaneTruth } from '@spec-kitty/contracts/dashboard/package'
import { sh } from '@spec-kitty/contracts/sh'
import { refresh, useAnswer } from '../data/answers.ts'
import { act, type Refusal, session } from '../data/ask.ts'
import { snapshot } from '../data/snapshot.ts'
import { age, moment } from '../data/time.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Copyable, Refused, Waiting } from '../parts/notice.tsx'

export function Merge({ detail }: { readonly detail: MissionDetail }) {
  const path = `/missions/${encodeURIComponent(detail.mission.mission_slug)}`
  const { landing } = detail
  const over = landing.state === 'merged' || landing.state === 'closed'
  const dry = useAnswer<MergeDryRun>(over ? undefined : `${path}/merge`)
  const lanes = useAnswer<readonly LaneTruth[]>(over || snapshot !== undefined ? undefined : `${path}/lanes`)
  if (over) return <Landed landing={landing} />
  if (dry === undefined) return <Waiting />
  if (dry.data === undefined) return <Refused refusal={dry.refusal} />
  return (
    <div class="merge">
      {dry.data.ready ? <Ready plan={dry.data} path={path} /> : <Blocked blockers={dry.data.blockers} />}
      {dry.data.warnings.map(warning => (
        <p key={warning} class="problem">
          {warning}
        </p>
      ))}
      {lanes?.data !== undefined && lanes.data.length > 0 && <Lanes lanes={lanes.data} />}
    </div>
  )
}

function Landed({ landing }: { readonly landing: MissionDetail['landing'] }) {
  return (
    <div class="verdict good">
      <h2>
        {landing.state === 'merged' ? `Merged into ${landing.target_branch}` : 'Closed without a merge'}
      </h2>
      {landing.merged_at !== null && <p class="quiet">{moment(landing.merged_at)}</p>}
      {landing.merge_commit !== null && <Copyable text={landing.merge_commit} label="merge commit" />}
    </div>
  )
}

function Ready({ plan, path }: { readonly plan: MergeReady; readonly path: string }) {
  const asking = useSignal(false)
  return (
    <div class="verdict good">
      <h2>Ready to merge</h2>
      <p>
        {plan.lanes.length === 1 ? 'One lane' : `${plan.lanes.length} lanes`} into{' '}
        <code>{plan.target_branch}</code>
        {plan.would_assign_mission_number !== undefined && `, as mission ${plan.would_assign_mission_number}`}
        .
      </p>
      {session.value?.read_only === false ? (
        <button
          type="button"
          class="primary"
          id="act-merge"
          onClick={() => {
            asking.value = true
          }}
        >
          Merge…
        </button>
      ) : (
        <Copyable text={sh`spec-kitty merge --mission ${plan.mission_slug}`} />
      )}
      {asking.value && <Question plan={plan} path={path} close={() => (asking.value = false)} />}
    </div>
  )
}

interface QuestionProps {
  readonly plan: MergeReady
  readonly path: string
  readonly close: () => void
}

function Question({ plan, path, close }: QuestionProps) {
  const strategy = useSignal(plan.strategy)
  const busy = useSignal(false)
  const refusal = useSignal<Refusal | undefined>(undefined)
  const merge = async () => {
    busy.value = true
    const reply = await act<MergeDone>(`${path}/merge`, { strategy: strategy.value })
    busy.value = false
    refusal.value = reply.refusal
    refresh(plan.mission_slug)
    if (reply.refusal === undefined) close()
  }
  return (
    <Dialog title={`Merge into ${plan.target_branch}`} close={close}>
      <form
        onSubmit={event => {
          event.preventDefault()
          void merge()
        }}
      >
        <fieldset>
          <legend>Strategy</legend>
          {(['merge', 'squash', 'rebase'] as const).map(name => (
            <label key={name}>
              <input
                type="radio"
                name="strategy"
                checked={strategy.value === name}
                onChange={() => {
                  strategy.value = name
                }}
              />
              {name}
            </label>
          ))}
        </fieldset>
        <p class="quiet">
          {plan.remove_worktree ? 'The worktrees go away' : 'The worktrees stay'},{' '}
          {plan.delete_branch ? 'the branches too; their old places are kept.' : 'the branches stay.'}
        </p>
        {refusal.value !== undefined && <Refused refusal={refusal.value} />}
        <div class="row end">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={busy.value}>
            {busy.value ? 'Merging…' : 'Merge'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

function Blocked({ blockers }: { readonly blockers: readonly MergeBlocker[] }) {
  return (
    <>
      <div class="verdict">
        <h2>
          {blockers.length === 1 ? 'One thing stands' : `${blockers.length} things stand`} in the way of the
          merge
        </h2>
      </div>
      <ol class="blockers">
        {blockers.map(({ code, subject, message, remediation }) => (
          <li key={`${code} ${subject}`}>
            <p>{message}</p>
            <ul class="remedies">
              {[remediation].flat().map(step => (
                <li key={step}>
                  <Copyable text={step} />
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </>
  )
}

function Lanes({ lanes }: { readonly lanes: readonly LaneTruth[] }) {
  return (
    <section aria-labelledby="lane-truth">
      <h2 id="lane-truth">Lanes</h2>
      <div class="wide" tabIndex={0}>
        <table class="truth">
          <thead>
            <tr>
              {['Lane', 'Ahead', 'Behind', 'Not committed', 'Last commit'].map(name => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lanes.map(lane => (
              <tr key={lane.lane_id}>
                <th scope="row">
                  {lane.lane_id} <span class="path quiet">{lane.branch}</span>
                </th>
                <td>{lane.ahead ?? '–'}</td>
                <td>{lane.behind ?? '–'}</td>
                <td>{lane.dirty_count === 0 ? '–' : `${lane.dirty_count} files`}</td>
                <td>
                  {lane.last_commit?.slice(0, 10) ?? '–'}{' '}
                  <span class="quiet">{age(lane.last_commit_at)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
