/** One work package: what is to be done, what was done, what was said of it, and what can be done now. */

import { useSignal } from '@preact/signals'
import type { PackageDetail, PackageDiff } from '@spec-kitty/contracts/dashboard/package'
import { useAnswer } from '../data/answers.ts'
import { session } from '../data/ask.ts'
import { TABS, type Tab, toPackage } from '../data/route.ts'
import { lasting, moment } from '../data/time.ts'
import { recall, remember } from '../data/world.ts'
import { commentsOf } from '../diff/comments.ts'
import { FileView, type Layout } from '../diff/file.tsx'
import { LaneTag } from '../parts/lane.tsx'
import { Markdown } from '../parts/markdown.tsx'
import { Empty, Refused, Waiting } from '../parts/notice.tsx'
import { Actions } from './actions.tsx'
import { Aside } from './package-aside.tsx'
import { Story } from './story.tsx'

interface Props {
  readonly mission: string
  readonly wp: string
  readonly tab: Tab
}

const NAMES: { readonly [tab in Tab]: string } = {
  instructions: 'Instructions',
  changes: 'Changes',
  reviews: 'Reviews',
  history: 'History',
}

export function Package({ mission, wp, tab }: Props) {
  const reply = useAnswer<PackageDetail>(`/packages/${encodeURIComponent(mission)}/${encodeURIComponent(wp)}`)
  if (reply === undefined) return <Waiting />
  if (reply.data === undefined) return <Refused refusal={reply.refusal} />
  const detail = reply.data
  return (
    <>
      <header class="package-head">
        <div class="grow">
          <h1 tabIndex={-1}>
            <span class="id">{detail.wp_id}</span> {detail.title}
          </h1>
          <p class="byline">
            <LaneTag lane={detail.lane} />
            {detail.agent !== null && <span>{detail.agent}</span>}
            {detail.since !== null && (
              <span class="quiet" title={moment(detail.since)}>
                {lasting(detail.since)}
              </span>
            )}
          </p>
        </div>
        {session.value?.read_only === false && <Actions detail={detail} />}
      </header>
      <nav class="tabs" aria-label="Work package">
        {TABS.map(name => (
          <a key={name} href={toPackage(mission, wp, name)} aria-current={name === tab ? 'page' : undefined}>
            {NAMES[name]}
            {name === 'reviews' && detail.reviews.length > 0 && (
              <span class="count">{detail.reviews.length}</span>
            )}
          </a>
        ))}
      </nav>
      <div class={tab === 'changes' ? 'wide-content' : 'with-aside'}>
        <div class="content">
          <Content detail={detail} tab={tab} />
        </div>
        {tab !== 'changes' && <Aside detail={detail} />}
      </div>
    </>
  )
}

/** Stands above already. */
const ITS_TITLE = /^\s*# (?:Work Package )?WP\d+\b[^\n]*\n/

function Content({ detail, tab }: { readonly detail: PackageDetail; readonly tab: Tab }) {
  if (tab === 'changes') return <Changes detail={detail} />
  if (tab === 'reviews') return <Reviews detail={detail} />
  if (tab === 'history')
    return detail.events.length === 0 ? (
      <Empty title="Nothing happened yet." />
    ) : (
      <Story events={detail.events.toReversed()} mission={detail.mission_slug} alone />
    )
  const text = detail.prompt.replace(ITS_TITLE, '')
  if (text.trim() === '') return <Empty title="No instructions." />
  return <Markdown text={text} lower={text === detail.prompt ? 1 : 0} />
}

function Reviews({ detail }: { readonly detail: PackageDetail }) {
  if (detail.reviews.length === 0) return <Empty title="Not reviewed yet." />
  return (
    <ol class="reviews">
      {detail.reviews.toReversed().map(review => (
        <li key={review.path}>
          <h2>
            Round {review.number}
            <span class={`chip ${review.verdict === 'approved' ? 'good' : 'bad'}`}>{review.verdict}</span>
            {review.reviewer !== null && <span class="quiet">{review.reviewer}</span>}
          </h2>
          <Markdown text={review.feedback} />
          <p class="quiet path">{review.path}</p>
        </li>
      ))}
    </ol>
  )
}

function Changes({ detail }: { readonly detail: PackageDetail }) {
  const source = `/packages/${encodeURIComponent(detail.mission_slug)}/${encodeURIComponent(detail.wp_id)}/diff`
  const reply = useAnswer<PackageDiff>(source)
  const layout = useSignal<Layout>(recall('local', 'spec-kitty-layout') === 'split' ? 'split' : 'unified')
  if (reply === undefined) return <Waiting />
  if (reply.data === undefined) return <Refused refusal={reply.refusal} />
  const { files, total_files: total } = reply.data
  if (files.length === 0)
    return <Empty title="No changes yet.">What is committed on the branch of its lane is shown here.</Empty>
  const comments =
    session.value?.read_only === false ? commentsOf(detail.mission_slug, detail.wp_id) : undefined
  const sum = (key: 'additions' | 'deletions') => files.reduce((total, file) => total + (file[key] ?? 0), 0)
  const choose = (next: Layout) => {
    layout.value = next
    remember('local', 'spec-kitty-layout', next)
  }
  return (
    <>
      <div class="diff-head">
        <h2>
          {total === 1 ? '1 file' : `${total} files`} <span class="plus">+{sum('additions')}</span>{' '}
          <span class="minus">−{sum('deletions')}</span>
        </h2>
        <fieldset class="choice" aria-label="Layout">
          {(['unified', 'split'] as const).map(name => (
            <button
              key={name}
              type="button"
              id={name === layout.value ? undefined : 'other-layout'}
              aria-pressed={name === layout.value}
              onClick={() => choose(name)}
            >
              {name === 'split' ? 'Side by side' : 'Unified'}
            </button>
          ))}
        </fieldset>
      </div>
      {files.map(file => (
        <FileView key={file.path} file={file} source={source} layout={layout.value} comments={comments} />
      ))}
      {total > files.length && <p class="note">{total - files.length} more files are not shown.</p>}
    </>
  )
}
