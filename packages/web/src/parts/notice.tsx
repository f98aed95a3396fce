/** What the page says about itself: that it waits, that something was refused, that there is nothing. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import type { Refusal } from '../data/ask.ts'

export function Waiting() {
  return (
    <p class="waiting" role="status">
      Reading…
    </p>
  )
}

export function Empty({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ComponentChildren
}) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="quiet">{children}</div>}
    </div>
  )
}

/** The refusal in the very words of the command line; its commands can be copied. */
export function Refused({ refusal }: { readonly refusal: Refusal }) {
  return (
    <div class="refused" role="alert">
      <p>
        <Words text={refusal.error} />
      </p>
      {refusal.hint !== undefined && (
        <p class="quiet">
          <Words text={refusal.hint} />
        </p>
      )}
    </div>
  )
}

/** Text with code between back-ticks. */
function Words({ text }: { readonly text: string }) {
  return (
    <>
      {text
        .split(/`([^`]+)`/)
        .map((piece, index) => (index % 2 === 1 ? <code key={index}>{piece}</code> : piece))}
    </>
  )
}

/** A command or a path, and a button that copies it. */
export function Copyable({ text, label }: { readonly text: string; readonly label?: string }) {
  const copied = useSignal(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    copied.value = true
    setTimeout(() => {
      copied.value = false
    }, 1_600)
  }
  return (
    <span class="copyable">
      <code tabIndex={0}>{text}</code>
      <button type="button" class="small" onClick={copy} aria-label={`Copy ${label ?? text}`}>
        {copied.value ? 'Copied' : 'Copy'}
      </button>
    </span>
  )
}
