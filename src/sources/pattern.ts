import { FrameringError } from '../errors/framering-error.ts'
import type { FrameFormat } from '../format/index.ts'
import { type Band, bandsOf } from './pattern-bands.ts'

/** What {@link verifyPattern} found. */
export interface PatternCheck {
  /** true: every byte belongs to the one frame `sequence` */
  readonly ok: boolean
  /** as the frame's first bytes say; not to be believed when `ok` is false */
  readonly sequence: number
  /** capture time, ms, as embedded */
  readonly time: number
  /** -1 when ok; 0 when the embedded sequence, time and check do not belong together */
  readonly firstBadByte: number
}

/* The first bytes of a pattern frame, little-endian:
 *
 *   offset  bytes
 *        0      8  sequence, u64
 *        8      8  capture time in ms, f64
 *       16      8  check over both: one stale byte in either shows
 *
 * The rest is the picture: byte b of row y of a band is a ramp along the row, shifted by
 * 3·sequence + y levels. One tape per band holds the ramp with room for 256 shifts, so a row is one
 * memcpy and its verification one memcmp.
 */
const HEADER = 24
const STEP = 3
const MIN_BYTES = 32

/**
 * Draws frame `sequence` of the test pattern: a colour ramp that scrolls, with the sequence's 32 low
 * bits as a strip of blocks along the top (pictures of 64 × 64 and more), and sequence and time in its
 * first 24 bytes.
 *
 * ```ts
 * const loan = writer.loan()
 * fillPattern(loan.data, writer.format, 7, captureTime)
 * loan.publish({ captureTime, sourceSequence: 7 })
 * ```
 *
 * Any two sequences less than 20 apart differ in every byte after those, any two less than 65,000
 * apart in every 8 neighbouring bytes of a row: a frame put together from two of them cannot pass.
 *
 * @param data at least `format.bytes` long
 * @param sequence a whole number ≥ 0
 * @param time ms
 * @throws FORMAT_INVALID for compressed formats and frames under 32 bytes
 */
export function fillPattern(
  data: Uint8Array,
  format: FrameFormat,
  sequence: number,
  time: number,
): void {
  painterOf(format).fill(data, sequence, time)
}

/**
 * Checks every byte of a pattern frame.
 *
 * ```ts
 * const { ok, sequence, firstBadByte } = verifyPattern(frame.data, frame.format)
 * if (!ok || sequence !== frame.sourceSequence) throw new Error(`torn at byte ${firstBadByte}`)
 * ```
 *
 * @throws FORMAT_INVALID for compressed formats and frames under 32 bytes
 */
export function verifyPattern(data: Uint8Array, format: FrameFormat): PatternCheck {
  return painterOf(format).verify(data)
}

/** Throws FORMAT_INVALID when the pattern cannot be drawn in this format. */
export function checkPatternFormat(format: FrameFormat): void {
  painterOf(format)
}

class Painter {
  readonly #bytes: number
  readonly #bands: readonly Band[]
  readonly #header = new Uint8Array(HEADER)
  readonly #view = new DataView(this.#header.buffer)
  #tapes: readonly Buffer[] = []
  #tapesOf = -1

  constructor(format: FrameFormat) {
    this.#bytes = format.bytes
    this.#bands = bandsOf(format)
    if (format.bytes < MIN_BYTES || this.#bands.length === 0) {
      throw new FrameringError(
        'FORMAT_INVALID',
        `the test pattern needs an uncompressed frame of at least ${MIN_BYTES} bytes, ` +
          `got ${format.fourcc || format.dtype} with ${format.bytes}`,
      )
    }
  }

  fill(data: Uint8Array, sequence: number, time: number): void {
    const tapes = this.#tapesFor(sequence)
    this.#bands.forEach((band, i) => {
      const tape = tapes[i] as Buffer
      const { offset, rowBytes, rows, unit, stripRows } = band
      if (stripRows > 0) {
        const strip = band.strip(tape, shiftOf(band, sequence, 0), sequence)
        for (let y = 0; y < stripRows; y++) data.set(strip, offset + y * rowBytes)
      }
      for (let y = stripRows; y < rows; y++) {
        const from = shiftOf(band, sequence, y) * unit
        data.set(tape.subarray(from, from + rowBytes), offset + y * rowBytes)
      }
    })
    this.#writeHeader(sequence, time)
    data.set(this.#header)
  }

  verify(data: Uint8Array): PatternCheck {
    if (data.length < this.#bytes) {
      return { ok: false, sequence: 0, time: Number.NaN, firstBadByte: data.length }
    }
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.length)
    const sequence = Number(bytes.readBigUInt64LE(0))
    const time = bytes.readDoubleLE(8)
    this.#writeHeader(sequence, time)
    const headed = bytes.compare(this.#header, 16, HEADER, 16, HEADER) === 0
    const firstBadByte =
      headed && Number.isSafeInteger(sequence) ? this.#firstBadByte(bytes, sequence) : 0
    return { ok: firstBadByte === -1, sequence, time, firstBadByte }
  }

  #firstBadByte(bytes: Buffer, sequence: number): number {
    const tapes = this.#tapesFor(sequence)
    for (let i = 0; i < this.#bands.length; i++) {
      const band = this.#bands[i] as Band
      const tape = tapes[i] as Buffer
      const { offset, rowBytes, rows, unit, stripRows } = band
      const strip =
        stripRows > 0 ? band.strip(tape, shiftOf(band, sequence, 0), sequence) : undefined
      for (let y = 0; y < rows; y++) {
        const at = offset + y * rowBytes
        const expected = strip && y < stripRows ? strip : tape
        const from = expected === strip ? 0 : shiftOf(band, sequence, y) * unit
        const skip = Math.min(Math.max(HEADER - at, 0), rowBytes)
        if (expected.compare(bytes, at + skip, at + rowBytes, from + skip, from + rowBytes) !== 0) {
          let b = skip
          while (expected[from + b] === bytes[at + b]) b++
          return at + b
        }
      }
    }
    return -1
  }

  #writeHeader(sequence: number, time: number): void {
    const view = this.#view
    view.setBigUint64(0, BigInt(sequence), true)
    view.setFloat64(8, time, true)
    view.setUint32(16, this.#mix(0x9e3779b9), true)
    view.setUint32(20, this.#mix(0x7f4a7c15), true)
  }

  /** Invertible in each of the four words, so that no change to one of them goes unseen. */
  #mix(seed: number): number {
    let hash = seed
    for (let i = 0; i < 16; i += 4) {
      hash = Math.imul(hash ^ this.#view.getUint32(i, true), 0x85ebca6b)
      hash ^= hash >>> 13
    }
    return hash >>> 0
  }

  /** The tapes change once every 256 frames: they carry the sequence's next eight bits. */
  #tapesFor(sequence: number): readonly Buffer[] {
    const high = Math.floor(sequence / 256) % 256
    if (high !== this.#tapesOf) {
      this.#tapes = this.#bands.map((band) => band.tape(high))
      this.#tapesOf = high
    }
    return this.#tapes
  }
}

function shiftOf(band: Band, sequence: number, y: number): number {
  const slope = y < band.stripRows ? 0 : y
  return (STEP * (sequence % 256) + band.phase + slope) % 256
}

// Readers may hand over a new format object with each frame: the objects lead to the few painters
// there are, which are costly.
const painters = new Map<string, Painter>()
const byFormat = new WeakMap<FrameFormat, Painter>()
const MAX_PAINTERS = 32

function painterOf(format: FrameFormat): Painter {
  let painter = byFormat.get(format)
  if (painter === undefined) {
    const key = `${format.fourcc} ${format.width} ${format.height} ${format.bytes}`
    painter = painters.get(key)
    if (painter === undefined) {
      painter = new Painter(format)
      if (painters.size >= MAX_PAINTERS) painters.clear()
      painters.set(key, painter)
    }
    byFormat.set(format, painter)
  }
  return painter
}
