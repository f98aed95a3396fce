/** One file of a diff: its lines, and a place to write beside each. */

import { type Signal, useSignal } from '@preact/signals'
import type { FileDiff, PackageDiff } from '@spec-kitty/contracts/dashboard/package'
import type { LineComment } from '@spec-kitty/contracts/dashboard/session'
import { useMemo } from 'preact/hooks'
import { useAnswer } from '../data/answers.ts'
import { Waiting } from '../parts/notice.tsx'
import { commentAt, withComment } from './comments.ts'
import { type Line, type Pair, readPatch, sideBySide } from './hunks.ts'

export type Layout = 'unified' | 'split'

/** Longer files are folded until somebody wants them. */
const MANY_LINES = 600

interface Props {
  readonly file: FileDiff
  /** The address of the diff, to ask for what was left out. */
  readonly source: string
  readonly layout: Layout
  /** Undefined where nothing can be said. */
  readonly comments: Signal<readonly LineComment[]> | undefined
}

export function FileView({ file, source, layout, comments }: Props) {
  const lines = useMemo(() => (file.patch === null ? [] : readPatch(file.patch)), [file.patch])
  const open = useSignal(lines.length <= MANY_LINES)
  const mine = comments?.value.filter(comment => comment.path === file.path).length ?? 0
  return (
    <section class="file" id={`file-${file.path}`}>
      <h3>
        <button
          type="button"
          class="file-head"
          data-item
          aria-expanded={open.value}
          onClick={() => {
            open.value = !open.value
          }}
        >
          <span class="fold" aria-hidden="true" />
          <span class="path">{file.old_path === null ? file.path : `${file.old_path} → ${file.path}`}</span>
          {file.status !== 'modified' && <span class="chip">{file.status}</span>}
          {mine > 0 && <span class="chip strong">{mine === 1 ? '1 comment' : `${mine} comments`}</span>}
          <Sums file={file} />
        </button>
      </h3>
      {open.value && <Body file={file} lines={lines} source={source} layout={layout} comments={comments} />}
    </section>
  )
}

function Sums({ file }: { readonly file: FileDiff }) {
  if (file.additions === null) return <span class="sums">binary</span>
  return (
    <span class="sums">
      <span class="plus">+{file.additions}</span> <span class="minus">−{file.deletions}</span>
    </span>
  )
}

function Body({ file, lines, source, layout, comments }: Props & { readonly lines: readonly Line[] }) {
  if (file.patch !== null) return <Lines file={file} lines={lines} layout={layout} comments={comments} />
  if (file.cut) return <Whole file={file} source={source} layout={layout} comments={comments} />
  return <p class="note">{file.additions === null ? 'A binary file.' : 'Nothing changed in its lines.'}</p>
}

/** A file that was too long to come with the others. */
function Whole({ file, source, layout, comments }: Props) {
  const reply = useAnswer<PackageDiff>(`${source}?path=${encodeURIComponent(file.path)}`)
  const whole = reply?.data?.files[0]
  const lines = useMemo(() => readPatch(whole?.patch ?? ''), [whole?.patch])
  if (reply === undefined) return <Waiting />
  if (whole === undefined || whole.patch === null)
    return <p class="note">{reply.refusal?.error ?? 'Too long to be shown here.'}</p>
  return (
    <>
      <Lines file={whole} lines={lines} layout={layout} comments={comments} />
      {whole.cut && <p class="note">The rest is too long to be shown here.</p>}
    </>
  )
}

type LinesProps = Pick<Props, 'file' | 'layout' | 'comments'> & { readonly lines: readonly Line[] }

function Lines({ file, lines, layout, comments }: LinesProps) {
  const pairs = useMemo(() => (layout === 'split' ? sideBySide(lines) : []), [lines, layout])
  const writing = useSignal<string | undefined>(undefined)
  const desk: Desk = { path: file.path, comments, writing }
  return (
    <section class="lines" tabIndex={0} aria-label={`Lines of ${file.path}`}>
      <table class={layout} onKeyDown={walkLines}>
        <tbody>
          {layout === 'split'
            ? pairs.map((pair, index) => <SplitRow key={index} pair={pair} desk={desk} />)
            : lines.map((line, index) => <UnifiedRow key={index} line={line} desk={desk} />)}
        </tbody>
      </table>
    </section>
  )
}

/** Arrows go from line to line, Enter writes beside one. */
function walkLines(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }
  const step = steps[event.key]
  if (step === undefined || !(event.target instanceof HTMLButtonElement)) return
  const all = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLButtonElement>('button.say')]
  const next = all[all.indexOf(event.target) + step]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}

/** What the rows of a file share. */
interface Desk {
  readonly path: string
  readonly comments: Signal<readonly LineComment[]> | undefined
  /** The line that is written at: its side and number. */
  readonly writing: Signal<string | undefined>
}

function UnifiedRow({ line, desk }: { readonly line: Line; readonly desk: Desk }) {
  if (line.kind === 'gap') return <Gap text={line.text} columns={3} />
  return (
    <>
      <tr class={line.kind}>
        <td class="number">{line.old}</td>
        <td class="number">{line.new}</td>
        <Code line={line} desk={desk} side={line.kind === 'removed' ? 'old' : 'new'} />
      </tr>
      <Beside line={line} desk={desk} columns={3} sides={[line.kind === 'removed' ? 'old' : 'new']} />
    </>
  )
}

function SplitRow({ pair: { left, right }, desk }: { readonly pair: Pair; readonly desk: Desk }) {
  if (left?.kind === 'gap') return <Gap text={left.text} columns={4} />
  const changed = left?.kind === 'removed'
  return (
    <>
      <tr>
        <td class={`number ${left?.kind ?? 'none'}`}>{left?.old}</td>
        {left === undefined ? (
          <td class="none" />
        ) : (
          <Code line={left} desk={desk} side="old" quiet={!changed} />
        )}
        <td class={`number ${right?.kind ?? 'none'}`}>{right?.new}</td>
        {right === undefined ? <td class="none" /> : <Code line={right} desk={desk} side="new" />}
      </tr>
      {changed && <Beside line={left} desk={desk} columns={4} sides={['old']} />}
      {right !== undefined && <Beside line={right} desk={desk} columns={4} sides={['new']} />}
    </>
  )
}

function Gap({ text, columns }: { readonly text: string; readonly columns: number }) {
  return (
    <tr class="gap">
      <td colSpan={columns}>{text === '' ? '⋯' : `⋯ ${text}`}</td>
    </tr>
  )
}

interface CodeProps {
  readonly line: Line
  readonly desk: Desk
  readonly side: 'old' | 'new'
  /** The same line stands on the other side, where it is written at. */
  readonly quiet?: boolean
}

function Code({ line, desk, side, quiet = false }: CodeProps) {
  const number = side === 'old' ? line.old : line.new
  const sign = { added: '+', removed: '−', same: ' ', gap: ' ' }[line.kind]
  return (
    <td class={`code ${line.kind}`}>
      {desk.comments !== undefined && !quiet && number !== undefined && (
        <button
          type="button"
          class="say"
          tabIndex={-1}
          aria-label={`Comment on ${side === 'old' ? 'old ' : ''}line ${number}`}
          onClick={() => {
            desk.writing.value = `${side} ${number}`
          }}
        >
          +
        </button>
      )}
      <span class="mark">{sign}</span>
      {line.text}
    </td>
  )
}

interface BesideProps {
  readonly line: Line
  readonly desk: Desk
  readonly columns: number
  readonly sides: readonly ('old' | 'new')[]
}

/** The comment at a line, or where it is written. */
function Beside({ line, desk, columns, sides }: BesideProps) {
  const { comments, writing, path } = desk
  if (comments === undefined) return null
  return (
    <>
      {sides.map(side => {
        const number = side === 'old' ? line.old : line.new
        if (number === undefined) return null
        const comment = commentAt(comments.value, { path, side, line: number })
        const here = writing.value === `${side} ${number}`
        if (!here && comment === undefined) return null
        const place = { path, side, line: number, quote: line.text }
        return (
          <tr class="beside" key={side}>
            <td colSpan={columns}>
              {here ? (
                <Writer place={place} comments={comments} close={() => (writing.value = undefined)} />
              ) : (
                <Said comment={comment} open={() => (writing.value = `${side} ${number}`)} />
              )}
            </td>
          </tr>
        )
      })}
    </>
  )
}

function Said({ comment, open }: { readonly comment: LineComment | undefined; readonly open: () => void }) {
  return (
    <div class="said">
      <p>{comment?.text}</p>
      <button type="button" class="small" onClick={open}>
        Change
      </button>
    </div>
  )
}

interface WriterProps {
  readonly place: Omit<LineComment, 'text'>
  readonly comments: Signal<readonly LineComment[]>
  readonly close: () => void
}

function Writer({ place, comments, close }: WriterProps) {
  const text = useSignal(commentAt(comments.value, place)?.text ?? '')
  const keep = (words: string): void => {
    comments.value = withComment(comments.value, { ...place, text: words })
    close()
  }
  return (
    <form
      class="writer"
      onSubmit={event => {
        event.preventDefault()
        keep(text.value)
      }}
    >
      <textarea
        ref={element => element?.focus()}
        aria-label={`Comment on line ${place.line} of ${place.path}`}
        rows={3}
        value={text.value}
        onInput={event => {
          text.value = event.currentTarget.value
        }}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) keep(text.value)
          if (event.key === 'Escape') close()
        }}
      />
      <div class="row">
        <button type="submit" class="primary">
          Keep comment
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
        {commentAt(comments.value, place) !== undefined && (
          <button type="button" onClick={() => keep('')}>
            Remove
          </button>
        )}
        <span class="quiet">It is sent when you send the work back.</span>
      </div>
    </form>
  )
}
