import type { DecodedFourcc } from './decode-picture.ts'
import { badOption, checkOptions, flag, frameRate, wholeNumber } from './options.ts'

/** What fswebcam is asked for. Nothing else of node-webcam's options gets through. */
export interface NodeWebcamOptions {
  /** `/dev/video0`, `/dev/v4l/by-id/…`, or `FILE:/a/picture.png`; default '/dev/video0' */
  readonly device?: string | undefined
  /** pixels asked of the camera; it may choose others; default 640 × 480 */
  readonly width?: number | undefined
  readonly height?: number | undefined
  /** default 'RGB3' */
  readonly fourcc?: DecodedFourcc | undefined
  /** most pictures a second; default: as many as it makes */
  readonly fps?: number | undefined
  /** what travels between fswebcam and framering; png loses nothing; default 'jpeg' */
  readonly output?: 'jpeg' | 'png' | undefined
  /** jpeg 0…95 (default 95), png 0…9 (default 1) */
  readonly quality?: number | undefined
  /** s before the picture is taken, 0…60 */
  readonly delay?: number | undefined
  /** frames averaged into one picture, 1…100 */
  readonly frames?: number | undefined
  /** frames passed over first, 0…1000 */
  readonly skip?: number | undefined
  readonly rotation?: 0 | 90 | 180 | 270 | undefined
  readonly greyscale?: boolean | undefined
  /** camera controls by name: `{ Brightness: '50%' }`; names and values of letters, digits, `_ . - %` */
  readonly setValues?: Readonly<Record<string, string | number>> | undefined
}

/** Options as node-webcam takes them, safe to stand unquoted in a shell. */
export interface SafeWebcamOptions {
  readonly device: string
  readonly width: number
  readonly height: number
  readonly output: 'jpeg' | 'png'
  readonly quality: number
  readonly delay: number
  readonly frames: number
  readonly skip: number
  readonly rotation: number
  readonly greyscale: boolean
  readonly setValues: Readonly<Record<string, string>>
  readonly saveShots: false
  readonly verbose: false
  readonly callbackReturn: 'location'
}

const SOURCE = 'nodeWebcam'
const OPTIONS = [
  ...['device', 'width', 'height', 'fourcc', 'fps', 'output', 'quality', 'delay', 'frames'],
  ...['skip', 'rotation', 'greyscale', 'setValues'],
]
const DEVICE =
  /^(\/dev\/video\d{1,3}|\/dev\/v4l\/by-(id|path)\/[A-Za-z0-9._:+-]+|FILE:\/[A-Za-z0-9._/+-]+)$/
const CONTROL = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
const CONTROL_VALUE = /^-?[A-Za-z0-9_.]{1,64}%?$/

/**
 * Checks every option against a white list: node-webcam joins them, unescaped, into the line it gives
 * to a shell.
 */
export function safeWebcamOptions(options: NodeWebcamOptions): SafeWebcamOptions {
  checkOptions(SOURCE, options, OPTIONS)
  const { device = '/dev/video0', width = 640, height = 480, output = 'jpeg' } = options
  const { quality = output === 'png' ? 1 : 95, delay = 0, frames = 1, skip = 0 } = options
  const { rotation = 0, greyscale = false, setValues = {} } = options
  if (typeof device !== 'string' || !DEVICE.test(device)) {
    const expected = '/dev/videoN, /dev/v4l/by-id/NAME or FILE:/PATH of letters, digits and ._/+-'
    throw badOption(SOURCE, 'device', expected, device)
  }
  wholeNumber(SOURCE, 'width', width, [1, 65535])
  wholeNumber(SOURCE, 'height', height, [1, 65535])
  if (!['jpeg', 'png'].includes(output)) {
    throw badOption(SOURCE, 'output', "'jpeg' or 'png'", output)
  }
  wholeNumber(SOURCE, 'quality', quality, [0, output === 'png' ? 9 : 95])
  wholeNumber(SOURCE, 'delay', delay, [0, 60])
  wholeNumber(SOURCE, 'frames', frames, [1, 100])
  wholeNumber(SOURCE, 'skip', skip, [0, 1000])
  if (![0, 90, 180, 270].includes(rotation)) {
    throw badOption(SOURCE, 'rotation', '0, 90, 180 or 270', rotation)
  }
  flag(SOURCE, 'greyscale', greyscale)
  frameRate(SOURCE, options.fps)
  return {
    ...{ device, width, height, output, quality, delay, frames, skip, rotation, greyscale },
    setValues: safeControls(setValues),
    saveShots: false,
    verbose: false,
    callbackReturn: 'location',
  }
}

function safeControls(setValues: unknown): Record<string, string> {
  if (typeof setValues !== 'object' || setValues === null) {
    throw badOption(SOURCE, 'setValues', 'an object of control names and values', setValues)
  }
  const safe: Record<string, string> = {}
  for (const [name, value] of Object.entries(setValues)) {
    if (!CONTROL.test(name)) {
      const expected = 'named by letters, digits and _.-'
      throw badOption(SOURCE, 'a control in setValues', expected, name)
    }
    const text = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
    if (!CONTROL_VALUE.test(text)) {
      throw badOption(SOURCE, `setValues.${name}`, 'letters, digits, _.-, a % at most', value)
    }
    safe[name] = text
  }
  return safe
}
