import type { Frame } from 'framering'
import { encodeImage } from 'framering/sinks'

/** An encoded frame. */
export interface Picture {
  readonly sequence: number
  readonly bytes: Buffer
}

type Format = 'jpeg' | 'png'

/** Where to get pictures. */
export interface PictureSource {
  /** The next frame as a picture. Rejects when it cannot be encoded, or there will be none. */
  next(format: Format): Promise<Picture>
}

interface Order {
  readonly resolve: (picture: Picture) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Encodes frames for whoever waits for one. Nothing is queued: while one frame is being encoded the
 * others pass by, who asks gets a frame that came afterwards, and all who ask share one encoding.
 */
export class Pictures implements PictureSource {
  readonly #orders: Record<Format, Order[]> = { jpeg: [], png: [] }
  #working = false
  #closed = false

  next(format: Format): Promise<Picture> {
    if (this.#closed) return Promise.reject(over())
    return new Promise((resolve, reject) => {
      this.#orders[format].push({ resolve, reject })
    })
  }

  /** Takes up a frame if somebody waits for one; it stays leased until it is encoded. */
  offer(frame: Frame): void {
    const { jpeg, png } = this.#orders
    if (this.#working || jpeg.length + png.length === 0) return
    this.#working = true
    const work = [fulfil(jpeg.splice(0), frame, 'jpeg'), fulfil(png.splice(0), frame, 'png')]
    void Promise.all(work).finally(() => {
      this.#working = false
    })
  }

  /** Who still waits is told that no frame comes. */
  close(): void {
    this.#closed = true
    const { jpeg, png } = this.#orders
    for (const order of [...jpeg.splice(0), ...png.splice(0)]) order.reject(over())
  }
}

async function fulfil(orders: readonly Order[], frame: Frame, format: Format): Promise<void> {
  if (orders.length === 0) return
  try {
    const { sequence } = frame
    const bytes = await encodeImage(frame, { format })
    for (const order of orders) order.resolve({ sequence, bytes })
  } catch (error) {
    for (const order of orders) order.reject(error)
  }
}

function over(): Error {
  return new Error('the stream is over')
}
