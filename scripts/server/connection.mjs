/**
 * The cheapest client there is: a kept connection on which one request after the other is sent as bytes made before. The
 * clients share the processors with the servers that are measured, and their work is not to be measured too.
 */
import { connect } from 'node:net'

/** The bytes of a POST with this body. */
export function postBytes(url, path, token, body) {
  const head = [
    `POST ${path} HTTP/1.1`,
    `Host: ${new URL(url).host}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `Authorization: Bearer ${token}`,
  ]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(body)])
}

/** `send` resolves with the status and the text of the answer; one request at a time. */
export async function openConnection(url) {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  let answer = ''
  let waiting
  const settle = () => {
    const head = answer.indexOf('\r\n\r\n')
    if (head < 0) return
    const length = /\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, head))?.[1]
    if (length === undefined) return waiting.reject(new Error(`an answer without length: ${answer}`))
    const text = answer.slice(head + 4)
    if (text.length >= Number(length)) waiting.resolve({ status: Number(answer.slice(9, 12)), text })
  }
  socket.setEncoding('latin1')
  socket.on('data', part => {
    answer += part
    settle()
  })
  socket.on('error', error => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error('the server closed the connection')))
  return {
    send: bytes => {
      answer = ''
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(bytes)
      })
    },
    end: () => socket.destroy(),
  }
}
