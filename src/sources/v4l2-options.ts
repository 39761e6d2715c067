import { fourccInfo } from '../format/index.ts'
import {
  argument,
  badOption,
  checkOptions,
  flag,
  rateOf,
  signalOption,
  wholeNumber,
} from './options.ts'

/** Which camera, and what it shall give. */
export interface V4l2Options {
  /** `/dev/video0`, `/dev/v4l/by-id/…`; default: the first that captures video */
  readonly device?: string | undefined
  /** default: what the camera is set to, or else the first it offers that framering knows */
  readonly fourcc?: string | undefined
  /** pixels, together with `height`, exactly as the camera offers them; default: what it is set to */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** frames a second or a fraction (`[30000, 1001]`): the nearest it has; default: what it is set to */
  readonly fps?: number | readonly [number, number] | undefined
  /** of the driver's, 2…32; default 4. More bridge longer pauses of this process */
  readonly buffers?: number | undefined
  /** set in this order when it is opened, and again when it is back: `{ gain: 10 }` */
  readonly controls?: Readonly<Record<string, number | boolean | string>> | undefined
  /** true: when the camera is unplugged the pump waits until it is back, and goes on */
  readonly reconnect?: boolean | undefined
  /** ends the opening */
  readonly signal?: AbortSignal | undefined
}

/** The same, checked. */
export interface V4l2Wish {
  readonly device: string | undefined
  readonly fourcc: string | undefined
  readonly size: { readonly width: number; readonly height: number } | undefined
  readonly rate: readonly [number, number] | undefined
  readonly buffers: number
  readonly controls: Readonly<Record<string, number | boolean | string>>
  readonly reconnect: boolean
}

export const SOURCE = 'v4l2'
const OPTIONS = [
  ...['device', 'fourcc', 'width', 'height', 'fps', 'buffers', 'controls', 'reconnect', 'signal'],
]
const MAX_SIDE = 0xffff_ffff

export function checkV4l2Options(options: V4l2Options): V4l2Wish {
  checkOptions(SOURCE, options, OPTIONS)
  const { device, fourcc, width, height, buffers = 4, controls = {}, reconnect = false } = options
  if (device !== undefined) argument(SOURCE, 'device', device)
  const info = typeof fourcc === 'string' ? fourccInfo(fourcc) : undefined
  if (fourcc !== undefined && info === undefined) {
    throw badOption(SOURCE, 'fourcc', 'a format of framering, such as YUYV or MJPG', fourcc)
  }
  if ((width === undefined) !== (height === undefined)) {
    throw badOption(SOURCE, 'width and height', 'given together or not at all', { width, height })
  }
  wholeNumber(SOURCE, 'width', width, [1, MAX_SIDE])
  wholeNumber(SOURCE, 'height', height, [1, MAX_SIDE])
  wholeNumber(SOURCE, 'buffers', buffers, [2, 32])
  checkOptions(`controls of ${SOURCE}`, controls)
  flag(SOURCE, 'reconnect', reconnect)
  signalOption(options.signal)
  return {
    device,
    fourcc: info?.fourcc,
    size: width !== undefined && height !== undefined ? { width, height } : undefined,
    rate: rateOf(SOURCE, options.fps),
    buffers,
    controls,
    reconnect,
  }
}
