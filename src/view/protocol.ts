import type { ColorDescription, Plane } from '../format/index.ts'

/* What page and server say to each other over the WebSocket. Orders and news are JSON; a frame is one
 * binary message, or, when it is large, the body of `frame/ID` below the page's address:
 *
 *   offset  bytes
 *        0      4  n, u32 little-endian, a multiple of 8 less 4
 *        4      n  FrameInfo as JSON, blanks at its end
 *      4+n         the frame: as in the ring, or a JPEG
 *
 * so that samples of 8 bytes stand aligned.
 */

/** What the page has to know of a format; the fields of a `FrameFormat`. */
export interface ViewFormat {
  readonly dtype: string
  readonly shape: readonly number[]
  /** '' = plain array */
  readonly fourcc: string
  readonly width: number
  readonly height: number
  readonly planes: readonly Plane[]
  readonly color: ColorDescription
}

/** Frames lost so far, as the server's reader of the ring counts them. */
export interface LostTotals {
  readonly source: number
  readonly noSlot: number
  readonly overrun: number
  readonly restart: number
}

/** What goes before a frame. Times are ms of the server's `CLOCK_MONOTONIC`. */
export interface FrameInfo {
  readonly ring: string
  readonly encoding: Encoding
  readonly sequence: number
  readonly session: number
  readonly epoch: number
  /** null: told by a clock that nothing here can be compared with */
  readonly captureTime: number | null
  readonly publishTime: number
  /** when the server's reader had it */
  readonly receiveTime: number
  readonly lost: LostTotals
  readonly format: ViewFormat
}

/** `raw`: the bytes as in the ring, which for MJPG are a JPEG as well. */
export type Encoding = 'raw' | 'jpeg'

/** Whether a ring gives frames, and if not, why. */
export interface RingState {
  readonly state: 'opening' | 'live' | 'waiting' | 'ended' | 'died' | 'error'
  /** code of a FrameringError, '' without one */
  readonly code: string
  /** a sentence for the user */
  readonly message: string
}

/** Which frame somebody has already: only a newer one will do. */
export interface After {
  readonly session: number
  readonly sequence: number
}

/** page → server */
export type Order =
  | {
      readonly type: 'want'
      readonly ring: string
      readonly encoding: Encoding
      readonly quality?: number
      readonly after?: After
    }
  | { readonly type: 'cancel'; readonly ring: string }
  | { readonly type: 'ping'; readonly id: number }

/** server → page */
export type News =
  | { readonly type: 'rings'; readonly rings: readonly string[] }
  | { readonly type: 'state'; readonly ring: string; readonly state: RingState }
  | {
      readonly type: 'refused'
      readonly ring: string
      readonly encoding: string
      readonly code: string
      readonly message: string
    }
  /** A frame is there to be fetched, once. */
  | { readonly type: 'frame'; readonly ring: string; readonly id: number }
  | { readonly type: 'pong'; readonly id: number; readonly now: number }

/** Bytes of the head of a frame message, length and JSON, for this much JSON. */
export function headBytes(json: number): number {
  return 8 * Math.ceil((4 + json) / 8)
}

/**
 * Takes a frame message apart; the bytes are a view.
 *
 * Throws RangeError or SyntaxError for what is no such message.
 */
export function parseFrameMessage(message: ArrayBuffer): { info: FrameInfo; bytes: Uint8Array } {
  const length = new DataView(message).getUint32(0, true)
  const head = new Uint8Array(message, 4, length)
  const info = JSON.parse(new TextDecoder().decode(head)) as FrameInfo
  return { info, bytes: new Uint8Array(message, 4 + length) }
}
