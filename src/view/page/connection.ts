import { type FrameInfo, type News, type Order, parseFrameMessage } from '../protocol.ts'
import { ServerClock } from './server-clock.ts'

const FIRST_PAUSE = 250
const LONGEST_PAUSE = 2000
const PING = 500

/** Who hears of what the server says. */
export interface Listener {
  open(): void
  /** The viewer's server does not answer; a new try follows by itself. */
  lost(): void
  news(news: News): void
  frame(info: FrameInfo, bytes: Uint8Array<ArrayBuffer>, arrived: number): void
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
      else {
        const { info, bytes } = parseFrameMessage(data as ArrayBuffer)
        this.#listener.frame(info, bytes as Uint8Array<ArrayBuffer>, arrived)
      }
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

  #hear(news: News, arrived: number): void {
    if (news.type !== 'pong') {
      this.#listener.news(news)
      return
    }
    const sent = this.#sent.get(news.id)
    this.#sent.delete(news.id)
    if (sent !== undefined) this.clock.learn(sent, news.now, arrived)
  }
}
