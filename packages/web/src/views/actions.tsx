/** What can be done with a work package now. Each goes through the flow of the command line, which may refuse. */

import { type Signal, useSignal } from '@preact/signals'
import type { PackageDetail } from '@spec-kitty/contracts/dashboard/package'
import { refresh } from '../data/answers.ts'
import { act, type Refusal } from '../data/ask.ts'
import { commentsOf } from '../diff/comments.ts'
import { Dialog } from '../parts/dialog.tsx'
import { laneTitle } from '../parts/lane.tsx'
import { Refused } from '../parts/notice.tsx'

type Question = 'approve' | 'reject' | 'move'

export function Actions({ detail }: { readonly detail: PackageDetail }) {
  const asking = useSignal<Question | undefined>(undefined)
  const refusal = useSignal<Refusal | undefined>(undefined)
  const busy = useSignal(false)
  const { mission_slug: mission, wp_id: wp, lane } = detail
  const comments = commentsOf(mission, wp)
  const perform = async (what: string, body: object): Promise<void> => {
    busy.value = true
    const reply = await act(
      `/packages/${encodeURIComponent(mission)}/${encodeURIComponent(wp)}/${what}`,
      body,
    )
    busy.value = false
    refusal.value = reply.refusal
    refresh(mission)
    if (reply.refusal !== undefined) return
    asking.value = undefined
    if (what === 'reject') comments.value = []
  }
  const judged = lane === 'for_review' || lane === 'in_review'
  const ask = (question: Question) => () => {
    refusal.value = undefined
    asking.value = question
  }
  const desk: Desk = { detail, refusal, busy, perform, close: () => (asking.value = undefined) }
  return (
    <div class="actions">
      {lane === 'for_review' && (
        <button
          type="button"
          id="act-start"
          disabled={busy.value}
          onClick={() => perform('start-review', {})}
        >
          Start review
        </button>
      )}
      {judged && (
        <button type="button" id="act-reject" onClick={ask('reject')}>
          Send back…
          {comments.value.length > 0 && <span class="count">{comments.value.length}</span>}
        </button>
      )}
      {judged && (
        <button type="button" id="act-approve" class="primary" onClick={ask('approve')}>
          Approve…
        </button>
      )}
      {detail.moves.length > 0 && (
        <button type="button" id="act-move" onClick={ask('move')}>
          Move…
        </button>
      )}
      {asking.value === undefined && refusal.value !== undefined && <Refused refusal={refusal.value} />}
      {asking.value === 'approve' && <Approve desk={desk} />}
      {asking.value === 'reject' && <SendBack desk={desk} />}
      {asking.value === 'move' && <Move desk={desk} />}
    </div>
  )
}

/** What the three questions share. */
interface Desk {
  readonly detail: PackageDetail
  readonly refusal: Signal<Refusal | undefined>
  readonly busy: Signal<boolean>
  readonly perform: (what: string, body: object) => Promise<void>
  readonly close: () => void
}

interface QuestionProps {
  readonly desk: Desk
  readonly title: string
  readonly verb: string
  readonly label: string
  readonly text: Signal<string>
  readonly submit: () => void
  readonly ready?: boolean
  readonly children?: preact.ComponentChildren
}

function QuestionForm({ desk, title, verb, label, text, submit, ready = true, children }: QuestionProps) {
  return (
    <Dialog title={title} close={desk.close}>
      <form
        onSubmit={event => {
          event.preventDefault()
          submit()
        }}
      >
        {children}
        <label class="field">
          <span>{label}</span>
          <textarea
            rows={4}
            value={text.value}
            onInput={event => {
              text.value = event.currentTarget.value
            }}
          />
        </label>
        {desk.refusal.value !== undefined && <Refused refusal={desk.refusal.value} />}
        <div class="row end">
          <button type="button" onClick={desk.close}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={desk.busy.value || !ready}>
            {verb}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

const noted = (text: string) => (text.trim() === '' ? {} : { note: text.trim() })

function Approve({ desk }: { readonly desk: Desk }) {
  const text = useSignal('')
  return (
    <QuestionForm
      desk={desk}
      title={`Approve ${desk.detail.wp_id}`}
      verb="Approve"
      label="Note (may be empty)"
      text={text}
      submit={() => desk.perform('approve', noted(text.value))}
    />
  )
}

function SendBack({ desk }: { readonly desk: Desk }) {
  const text = useSignal('')
  const comments = commentsOf(desk.detail.mission_slug, desk.detail.wp_id).value
  const feedback = text.value.trim()
  return (
    <QuestionForm
      desk={desk}
      title={`Send ${desk.detail.wp_id} back`}
      verb="Send back"
      label={comments.length > 0 ? 'To all of it (may be empty)' : 'What has to change'}
      text={text}
      ready={feedback !== '' || comments.length > 0}
      submit={() => desk.perform('reject', { ...(feedback !== '' && { feedback }), comments })}
    >
      {comments.length > 0 && (
        <ul class="to-send" aria-label="Comments on lines">
          {comments.map(({ path, side, line, text: words }) => (
            <li key={`${path} ${side} ${line}`}>
              <span class="path quiet">
                {path}:{line}
              </span>
              {words}
            </li>
          ))}
        </ul>
      )}
    </QuestionForm>
  )
}

function Move({ desk }: { readonly desk: Desk }) {
  const text = useSignal('')
  const lane = useSignal(desk.detail.moves[0] ?? '')
  return (
    <QuestionForm
      desk={desk}
      title={`Move ${desk.detail.wp_id}`}
      verb="Move"
      label="Why (may be empty)"
      text={text}
      submit={() => desk.perform('move', { to: lane.value, ...noted(text.value) })}
    >
      <label class="field">
        <span>To</span>
        <select
          value={lane.value}
          onChange={event => {
            lane.value = event.currentTarget.value
          }}
        >
          {desk.detail.moves.map(name => (
            <option key={name} value={name}>
              {laneTitle(name)}
            </option>
          ))}
        </select>
      </label>
    </QuestionForm>
  )
}
