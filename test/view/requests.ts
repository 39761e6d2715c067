import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { onTestFinished } from 'vitest'
import { type ClientOptions, WebSocket } from 'ws'
import { resolveFormat, type Writer } from '../../src/index.ts'
import { fillPattern } from '../../src/sources/index.ts'
import type { PooledMessage } from '../../src/view/frame-message.ts'
import { type Delivered, RingFeed } from '../../src/view/ring-feed.ts'

export const SMALL = { format: { fourcc: 'RGB3', width: 64, height: 48 }, slots: 4 } as const
export const format = resolveFormat(SMALL)

export function writePattern(writer: Writer, sequence: number): void {
  using loan = writer.loan()
  fillPattern(loan.data, format, sequence, 0)
  loan.publish({ sourceSequence: sequence })
}

interface Answer {
  readonly status: number
  readonly body: Buffer
  readonly headers: NodeJS.Dict<string | string[]>
}

export async function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const asked = request(url, { headers }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  return { status: response.statusCode ?? 0, body: Buffer.concat(parts), headers: response.headers }
}

/** What became of a socket: its first message, or the status it was turned away with. */
export async function socket(
  url: string,
  options: ClientOptions = {},
): Promise<WebSocket | number> {
  const opened = new WebSocket(url, options)
  onTestFinished(() => {
    opened.terminate()
  })
  return new Promise((resolve) => {
    opened.on('open', () => {
      resolve(opened)
    })
    opened.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
    })
    opened.on('error', () => undefined)
  })
}

/** A feed, and what is delivered to those who want a frame of it. */
export function feedOf(
  writer: Writer,
  options: ConstructorParameters<typeof RingFeed>[1] = {},
): {
  feed: RingFeed
  want: (as: 'raw' | 'jpeg') => Promise<[PooledMessage, Delivered]>
} {
  const feed = new RingFeed(writer.name, options, () => undefined)
  onTestFinished(() => {
    feed.close()
  })
  const want = (as: 'raw' | 'jpeg'): Promise<[PooledMessage, Delivered]> =>
    new Promise((resolve, reject) => {
      feed.want({
        as,
        quality: 70,
        after: undefined,
        deliver: (message, frame) => {
          resolve([message, frame])
        },
        refuse: reject,
      })
    })
  return { feed, want }
}
