import { type FrameFormat, fourccInfo, planeRows } from '../format/index.ts'

const ARRAY_ROW = 8192 // bytes of a row when the frame is no picture
const BITS = 32

/** A run of equally long rows in a frame, and the ramp they are cut from. */
export class Band {
  readonly offset: number
  readonly rowBytes: number
  readonly rows: number
  /** bytes of a pixel: a shift by one level is a shift by so many bytes of the tape */
  readonly unit: number
  /** levels between this band and the first, so that planes do not look alike */
  readonly phase: number
  /** index of alpha in a pixel, -1 = none */
  readonly #alpha: number
  /** rows along the top that show the sequence's bits */
  readonly stripRows: number
  readonly #strip: Buffer

  constructor(
    at: { offset: number; rowBytes: number; rows: number },
    { unit = 1, phase = 0, alpha = -1, stripRows = 0 } = {},
  ) {
    this.offset = at.offset
    this.rowBytes = at.rowBytes
    this.rows = at.rows
    this.unit = unit
    this.phase = phase
    this.#alpha = alpha
    this.stripRows = stripRows
    this.#strip = Buffer.alloc(stripRows > 0 ? at.rowBytes : 0)
  }

  /**
   * The ramp, long enough to be shifted by 255 levels. The eight bits of `high` lie in every eight
   * bytes as one level more or less: too little to be seen, enough to tell sequences 256 apart.
   */
  tape(high: number): Buffer {
    const tape = Buffer.alloc(this.rowBytes + 256 * this.unit)
    for (let i = 0; i < tape.length; i++) {
      const channel = i % this.unit
      const level = (i - channel) / this.unit + 85 * channel + ((high >> (i & 7)) & 1)
      // a ramp through all of alpha would make most of the picture transparent
      tape[i] = channel === this.#alpha ? 0xc0 | (level & 0x3f) : level
    }
    return tape
  }

  /**
   * A row of the ramp with about half the range added wherever a bit of the sequence is 1. Two amounts
   * in turn: the ramp itself moves by any one amount sooner or later, and would then hide the bit.
   */
  strip(tape: Buffer, shift: number, sequence: number): Buffer {
    const { unit, rowBytes } = this
    const strip = this.#strip
    strip.set(tape.subarray(shift * unit, shift * unit + rowBytes))
    const bits = sequence % 2 ** BITS
    const block = Math.floor(rowBytes / unit / BITS) * unit
    for (let bit = 0; bit < BITS; bit++) {
      if (((bits >>> (BITS - 1 - bit)) & 1) === 0) continue
      for (let i = bit * block; i < (bit + 1) * block; i++) {
        if (i % unit !== this.#alpha) strip[i] = (strip[i] as number) + (i % 2 === 0 ? 0x80 : 0x70)
      }
    }
    return strip
  }
}

/** The bands that cover a frame, every byte once; none for compressed formats. */
export function bandsOf(format: FrameFormat): readonly Band[] {
  const info = fourccInfo(format.fourcc)
  if (info === undefined) return arrayBands(format.bytes)
  if (info.opaque) return []
  return planeRows(info, format.width, format.height).map(({ offset, stride, rows }, i) => {
    const { bytes = 1, across = 1 } = info.planes[i] ?? {}
    const unit = i === 0 ? bytes / across : bytes
    const shown = i === 0 && format.width >= 64 && format.height >= 64
    return new Band(
      { offset, rowBytes: stride, rows },
      {
        unit,
        phase: 85 * i,
        alpha: info.model === 'rgb' && info.channels === 4 ? 3 : -1,
        stripRows: shown ? Math.min(16, format.height >> 3) : 0,
      },
    )
  })
}

function arrayBands(bytes: number): readonly Band[] {
  const rowBytes = Math.min(bytes, ARRAY_ROW)
  const rows = Math.floor(bytes / rowBytes)
  const rest = bytes - rows * rowBytes
  const whole = new Band({ offset: 0, rowBytes, rows })
  if (rest === 0) return [whole]
  return [whole, new Band({ offset: rows * rowBytes, rowBytes: rest, rows: 1 }, { phase: rows })]
}
