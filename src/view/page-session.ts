import type { RawData, WebSocket } from 'ws'
import { now } from '../ring/clock.ts'
import type { PooledMessage } from './frame-message.ts'
import type { Parcels } from './parcels.ts'
import type { After, News, Order } from './protocol.ts'
import type { Demand, RingFeed } from './ring-feed.ts'
import type { Rings } from './rings.ts'

const QUALITY = 70
/** bytes from which on a frame is fetched by the page */
const LARGE = 256 * 1024

/** One open page: turns its orders into demands, at most one a ring at a time. */
export class PageSession {
  readonly #socket: WebSocket
  readonly #rings: Rings
  readonly #demands = new Map<string, { readonly demand: Demand; readonly feed: RingFeed }>()
  readonly #parcels: Parcels
  /** Rings with a frame on its way to the page; its number when it is the page's to fetch. */
  readonly #sending = new Map<string, number | undefined>()
  /** What was asked for meanwhile, the last of each ring. */
  readonly #parked = new Map<string, Order>()

  constructor(socket: WebSocket, rings: Rings, parcels: Parcels) {
    this.#socket = socket
    this.#rings = rings
    this.#parcels = parcels
    socket.on('message', (data, binary) => {
      const order = binary ? undefined : parseOrder(data)
      if (order === undefined) socket.close(1008, 'no order of the viewer page')
      else this.#obey(order)
    })
    // A page that is gone shows as `close` as well.
    socket.on('error', () => undefined)
    socket.on('close', () => {
      for (const { demand, feed } of this.#demands.values()) feed.cancel(demand)
      this.#demands.clear()
      for (const ring of this.#sending.keys()) this.#takeBack(ring)
    })
  }

  tell(news: News): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(news))
  }

  #obey(order: Order): void {
    if (order.type === 'ping') {
      this.tell({ type: 'pong', id: order.id, now: now() })
      return
    }
    const { ring } = order
    const before = this.#demands.get(ring)
    before?.feed.cancel(before.demand)
    this.#demands.delete(ring)
    this.#parked.delete(ring)
    if (order.type === 'cancel') {
      this.#takeBack(ring)
      return
    }
    // Who asks on without taking what was sent would have us keep one frame for each order.
    if (this.#sending.has(ring)) {
      this.#parked.set(ring, order)
      return
    }
    const feed = this.#rings.feed(ring)
    if (feed === undefined) {
      const message = `The viewer was not asked to show a ring called '${ring}'.`
      this.tell({ type: 'refused', ring, encoding: order.encoding, code: 'NOT_FOUND', message })
      return
    }
    const demand: Demand = {
      as: order.encoding,
      quality: order.quality ?? QUALITY,
      after: order.after,
      deliver: (message) => {
        this.#demands.delete(ring)
        this.#send(ring, message)
      },
      refuse: ({ code, message }) => {
        this.#demands.delete(ring)
        this.tell({ type: 'refused', ring, encoding: order.encoding, code, message })
      },
    }
    this.#demands.set(ring, { demand, feed })
    feed.want(demand)
  }

  #send(ring: string, message: PooledMessage): void {
    const sent = (): void => {
      this.#sending.delete(ring)
      const order = this.#parked.get(ring)
      if (order !== undefined && this.#socket.readyState === this.#socket.OPEN) this.#obey(order)
    }
    if (message.bytes.length >= LARGE) {
      const id = this.#parcels.put(message, sent)
      this.#sending.set(ring, id)
      this.tell({ type: 'frame', ring, id })
      return
    }
    this.#sending.set(ring, undefined)
    this.#socket.send(message.bytes, { binary: true }, () => {
      message.release()
      sent()
    })
  }

  /** A frame that was not fetched yet need not be. */
  #takeBack(ring: string): void {
    const id = this.#sending.get(ring)
    if (id !== undefined && this.#parcels.drop(id)) this.#sending.delete(ring)
  }
}

/** What a page may say, or undefined for anything else: it comes from a socket. */
export function parseOrder(data: RawData): Order | undefined {
  let said: Partial<Record<string, unknown>>
  try {
    said = Object(JSON.parse((data as Buffer).toString())) as typeof said
  } catch {
    return undefined
  }
  const { type, ring, id } = said
  if (type === 'ping') return typeof id === 'number' ? { type, id } : undefined
  if (typeof ring !== 'string' || ring.length > 255) return undefined
  if (type === 'cancel') return { type, ring }
  const { encoding, quality, after } = said
  if (type !== 'want' || (encoding !== 'raw' && encoding !== 'jpeg')) return undefined
  const seen = after === undefined ? undefined : parseAfter(after)
  if (seen === null) return undefined
  const checked = quality === undefined ? QUALITY : Number(quality)
  if (!Number.isInteger(checked) || checked < 1 || checked > 100) return undefined
  return { type, ring, encoding, quality: checked, ...(seen && { after: seen }) }
}

function parseAfter(after: unknown): After | null {
  const { session, sequence } = Object(after) as Partial<After>
  return typeof session === 'number' && typeof sequence === 'number' ? { session, sequence } : null
}
