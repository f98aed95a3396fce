/** What was written for a mission, and the questions that were asked on the way. */
import type { MissionDetail, MissionDocument } from '@spec-kitty/contracts/dashboard/missions'
import { useAnswer } from '../data/answers.ts'
import { toMission } from '../data/route.ts'
import { moment } from '../data/time.ts'
import { Markdown } from '../parts/markdown.tsx'
import { Empty, Refused, Waiting } from '../parts/notice.tsx'

const DECISIONS = 'decisions'

export function Documents({
  detail,
  name,
}: {
  readonly detail: MissionDetail
  readonly name: string | undefined
}) {
  const mission = detail.mission.mission_slug
  const names = detail.documents.map(document => document.name)
  const shown = name ?? names[0] ?? DECISIONS
  return (
    <div class="documents">
      <nav aria-label="Documents">
        {names.map(other => (
          <a
            key={other}
            href={toMission(mission, 'documents', other)}
            data-item
            aria-current={other === shown ? 'page' : undefined}
          >
            {other}
          </a>
        ))}
        <a
          href={toMission(mission, 'documents', DECISIONS)}
          data-item
          aria-current={shown === DECISIONS ? 'page' : undefined}
        >
          Decisions
          {detail.decisions.length > 0 && <span class="count">{detail.decisions.length}</span>}
        </a>
      </nav>
      <div class="content">
        {shown === DECISIONS ? <Decisions detail={detail} /> : <Document mission={mission} name={shown} />}
      </div>
    </div>
  )
}

function Document({ mission, name }: { readonly mission: string; readonly name: string }) {
  const path = `/missions/${encodeURIComponent(mission)}/documents/${encodeURIComponent(name)}`
  const reply = useAnswer<MissionDocument>(path)
  if (reply === undefined) return <Waiting />
  if (reply.data === undefined) return <Refused refusal={reply.refusal} />
  const { text, cut } = reply.data
  return (
    <>
      {/\.(md|markdown)$/i.test(name) ? <Markdown text={withoutFrontmatter(text)} /> : <Plain text={text} />}
      {cut && <p class="note">The document goes on; the rest is in the file.</p>}
    </>
  )
}

function Plain({ text }: { readonly text: string }) {
  return <pre tabIndex={0}>{text}</pre>
}

/** Values for programs are no part of what a person reads. */
const withoutFrontmatter = (text: string): string => text.replace(/^---\r?\n[\s\S]*?\r?\n---\r?\n/, '')

function Decisions({ detail }: { readonly detail: MissionDetail }) {
  if (detail.decisions.length === 0) return <Empty title="No questions were asked." />
  const open = (status: string) => (status === 'open' ? 0 : 1)
  return (
    <ol class="decisions">
      {detail.decisions
        .toSorted((a, b) => open(a.status) - open(b.status))
        .map(decision => (
          <li key={decision.decision_id}>
            <h2>
              {decision.question}
              <span class={`chip ${decision.status === 'open' ? 'warn' : ''}`}>{decision.status}</span>
            </h2>
            {decision.final_answer !== null && <p class="answer">{decision.final_answer}</p>}
            {decision.final_answer === null && decision.options.length > 0 && (
              <ul class="options">
                {decision.options.map(option => (
                  <li key={option}>{option}</li>
                ))}
              </ul>
            )}
            {decision.rationale !== null && <p>{decision.rationale}</p>}
            <p class="quiet">
              asked by {decision.opened_by}, {moment(decision.created_at)}
              {decision.resolved_by !== null &&
                `; answered by ${decision.resolved_by}, ${moment(decision.resolved_at)}`}
            </p>
          </li>
        ))}
    </ol>
  )
}
