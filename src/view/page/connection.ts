import { type FrameInfo, type News, type Order, parseFrameMessage } from '../protocol.ts'
import { ServerClock } from './server-clock.ts'

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 2000
const PING = 500

/** When a frame came, in ms of the page. */
export interface Times {
  readonly arrived: number
  /** how long its bytes took, where that is known; 0 otherwise */
  readonly transfer: number
}

/** Who hears of what the server says. */
export interface Listener {
  open(): void
  /** The viewer's server does not answer; a new try follows by itself. */
  lost(): void
  news(news: News): void
  /** A frame of this ring was announced and could not be fetched. */
  missed(ring: string): void
  frame(info: FrameInfo, bytes: Uint8Array<ArrayBuffer>, times: Times): void
}

/** The socket to the viewer's server, which is opened again whenever it breaks. */
export class Connection {
  readonly clock = new ServerClock()
  readonly #listener: Listener
  readonly #sent = new Map<number, number>()
  #socket: WebSocket | undefined
  #pause = FIRST_PAUSE
  #pings = 0

  constructor(listener: Listener) {
    this.#listener = listener
    this.#open()
    setInterval(() => {
      if (!document.hidden) this.#ping()
    }, PING)
  }

  /** Nothing is sent while there is no connection: who opens it anew asks anew. */
  send(order: Order): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(order))
  }

  #open(): void {
    const address = new URL('socket', location.href)
    address.protocol = 'ws:'
    address.search = ''
    const socket = new WebSocket(address)
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    socket.addEventListener('open', () => {
      this.#pause = FIRST_PAUSE
      this.clock.forget()
      for (let i = 0; i < 4; i++) this.#ping()
      this.#listener.open()
    })
    socket.addEventListener('message', ({ data }) => {
      const arrived = performance.now()
      if (typeof data === 'string') this.#hear(JSON.parse(data) as News, arrived)
      else this.#take(data as ArrayBuffer, { arrived, transfer: 0 })
    })
    socket.addEventListener('close', () => {
      this.#sent.clear()
      this.#listener.lost()
      setTimeout(() => {
        this.#open()
      }, this.#pause)
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE)
    })
  }

  #ping(): void {
    const id = ++this.#pings
    this.#sent.set(id, performance.now())
    this.send({ type: 'ping', id })
  }

  #take(message: ArrayBuffer, times: Times): void {
    const { info, bytes } = parseFrameMessage(message)
    this.#listener.frame(info, bytes as Uint8Array<ArrayBuffer>, times)
  }

  async #fetch(ring: string, id: number, told: number): Promise<void> {
    const socket = this.#socket
    let message: ArrayBuffer
    try {
      const response = await fetch(new URL(`frame/${id}`, location.href))
      if (!response.ok) throw new Error(response.statusText)
      message = await response.arrayBuffer()
    } catch {
      // Taken back meanwhile, or the server is gone: then the socket closes, and all is asked for anew.
      if (socket === this.#socket) this.#listener.missed(ring)
      return
    }
    const arrived = performance.now()
    this.#take(message, { arrived, transfer: arrived - told })
  }

  #hear(news: News, arrived: number): void {
    if (news.type === 'frame') {
      void this.#fetch(news.ring, news.id, arrived)
      return
    }
    if (news.type !== 'pong') {
      this.#listener.news(news)
      return
    }
    const sent = this.#sent.get(news.id)
    this.#sent.delete(news.id)
    if (sent !== undefined) this.clock.learn(sent, news.now, arrived)
  }
}
