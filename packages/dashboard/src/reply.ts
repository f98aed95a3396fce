/** How answers are written: JSON or bytes, with a tag where the same question may be asked again. */
import type { ServerResponse } from 'node:http'
import { KittyError } from '@spec-kitty/contracts/errors'

/** By code; what is no refusal of ours is a fault of ours, and its words stay here. */
export function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy()
  else if (error instanceof KittyError) json(response, statusOf(error), error.toJson())
  else json(response, 500, { error: 'Internal error of the dashboard', code: 'internal' })
}

function statusOf({ code }: KittyError): number {
  if (code === 'mission_not_found' || code === 'wp_not_found') return 404
  return code === 'usage' ? 400 : 409
}

export function json(response: ServerResponse, status: number, value: unknown): void {
  send(response, status, Buffer.from(JSON.stringify(value)))
}

export function send(response: ServerResponse, status: number, body: Buffer, tag?: string): void {
  if (!response.hasHeader('content-type'))
    response.setHeader('content-type', 'application/json; charset=utf-8')
  response.setHeader('cache-control', tag === undefined ? 'no-store' : 'no-cache')
  if (tag !== undefined) response.setHeader('etag', quoted(tag))
  response.writeHead(status, { 'content-length': body.length })
  // Node leaves the body of an answer to HEAD out.
  response.end(body)
}

export function quoted(tag: string): string {
  return `"${tag}"`
}

export function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0]
}
