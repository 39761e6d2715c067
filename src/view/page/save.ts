import type { Picture } from './ring-view.ts'
import { canvasPainter } from './canvas-painter.ts'
import type { Tone } from '../picture/pixels.ts'
import { turned, type View, WHOLE } from '../picture/view-transform.ts'

const CLIP_TYPES = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm', 'video/mp4']
const CLIP_FPS = 60

/** The whole picture as a PNG file, pixel for pixel, in the colours and the turn it is shown in. */
export async function savePng(picture: Picture, tone: Tone, view: View): Promise<void> {
  const { layout, bytes, version, info } = picture
  const canvas = document.createElement('canvas')
  const { turns, mirror } = view
  Object.assign(canvas, turned(layout, turns))
  canvasPainter(canvas).paint({ layout, bytes, version, tone, view: { ...WHOLE, turns, mirror } })
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/png')
  })
  if (blob === null) throw new RangeError('The browser has no memory for a picture of this size.')
  download(blob, `${info.ring}-${info.sequence}.png`)
}

const NPY_TYPES: Readonly<Record<string, string>> = {
  bool: '|b1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
  complex64: '<c8',
  complex128: '<c16',
}

/** The frame as it is in the ring, for `numpy.load` (NumPy's format 1.0, NEP 1); a JPEG as it came. */
export function saveNumbers({ info, bytes }: Picture): void {
  const { ring, sequence, format } = info
  const name = `${ring}-${sequence}`
  if (info.encoding === 'jpeg' || format.fourcc === 'MJPG') {
    throw new RangeError('A compressed frame has no numbers of its own; save it as PNG.')
  }
  const shape = format.shape.join(', ') + (format.shape.length === 1 ? ',' : '')
  const descr = NPY_TYPES[format.dtype] ?? '|u1'
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`
  const text = `${dict.padEnd(64 * Math.ceil((10 + dict.length + 1) / 64) - 11)}\n`
  const length = new Uint8Array(new Uint16Array([text.length]).buffer)
  const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0)
  download(new Blob([magic, length, text, bytes]), `${name}.npy`)
}

/** Records what a canvas shows until it is stopped, then saves it as a film. */
export class Clip {
  readonly #recorder: MediaRecorder
  readonly #parts: Blob[] = []

  /** @throws RangeError where the browser records no films */
  constructor(canvas: HTMLCanvasElement, name: string) {
    const mimeType = CLIP_TYPES.find((type) => MediaRecorder.isTypeSupported(type))
    if (mimeType === undefined) throw new RangeError('This browser records no films.')
    this.#recorder = new MediaRecorder(canvas.captureStream(CLIP_FPS), {
      mimeType,
      videoBitsPerSecond: 8_000_000,
    })
    this.#recorder.addEventListener('dataavailable', ({ data }) => this.#parts.push(data))
    this.#recorder.addEventListener('stop', () => {
      const ending = mimeType.includes('mp4') ? 'mp4' : 'webm'
      download(new Blob(this.#parts, { type: mimeType }), `${name}.${ending}`)
    })
    this.#recorder.start(1000)
  }

  stop(): void {
    this.#recorder.stop()
    for (const track of this.#recorder.stream.getTracks()) track.stop()
  }
}

function download(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // Not at once: the browser fetches it after this returns.
  setTimeout(() => {
    URL.revokeObjectURL(link.href)
  }, 60_000)
}
