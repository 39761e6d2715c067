import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { FrameringError } from '../errors/framering-error.ts'
import { type NativeV4l2, nativeCall } from '../native/index.ts'
import { type V4l2Host, v4l2Host } from './v4l2-host.ts'
import { formatsOf, plainText, type V4l2Format } from './v4l2-offer.ts'

/** What makes a camera the same one after it was plugged in again, whatever its number is by then. */
export interface V4l2Identity {
  readonly driver: string
  /** the model's name */
  readonly card: string
  /** where it is plugged in: `usb-0000:00:14.0-1` */
  readonly busInfo: string
  /** which of a camera's nodes: depth, infrared, colour; undefined where the kernel does not say */
  readonly index: number | undefined
}

/** A device that captures video. */
export interface V4l2Device extends V4l2Identity {
  /** `/dev/video0` */
  readonly path: string
  /** empty when it could not be opened */
  readonly formats: readonly V4l2Format[]
  /** why it could not be opened: PERMISSION, DEVICE_BUSY, … Its name is then all that is known of it */
  readonly error: FrameringError | undefined
}

/**
 * The cameras of this machine, with all they offer.
 *
 * ```ts
 * for (const { path, card, formats, error } of v4l2Devices()) {
 *   console.log(path, card, error?.message ?? formats.map((f) => f.driverFourcc))
 * }
 * ```
 *
 * Each is opened for a moment, which disturbs nobody who streams from it. Nodes that capture no video
 * are left out. At most 64 formats are listed, 128 sizes and 64 rates each, 8192 entries in all.
 *
 * Calls VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_ENUM_FRAMESIZES and VIDIOC_ENUM_FRAMEINTERVALS of
 * linux/videodev2.h.
 */
export function v4l2Devices(): V4l2Device[] {
  const host = v4l2Host()
  return devicePaths(host).flatMap((path): V4l2Device[] => {
    try {
      const native = nativeCall(() => host.binding.openV4l2({ path }))
      try {
        const formats = nativeCall(() => formatsOf(native))
        return [{ path, ...identify(host, path, native), formats, error: undefined }]
      } finally {
        native.close()
      }
    } catch (error) {
      if (!(error instanceof FrameringError)) throw error
      if (error.code === 'UNSUPPORTED' || error.code === 'NOT_FOUND') return []
      const card = plainText(fromKernel(host, path, 'name') ?? '')
      const unknown = { driver: '', card, busInfo: '', index: indexOf(host, path) }
      return [{ path, ...unknown, formats: [], error }]
    }
  })
}

/** Every video node, by number. */
export function devicePaths(host: V4l2Host): string[] {
  let names: string[]
  try {
    names = readdirSync(host.dev)
  } catch {
    return []
  }
  const numbers = names.map((name) => /^video(\d+)$/.exec(name)?.[1]).filter((n) => n !== undefined)
  return numbers.sort((a, b) => Number(a) - Number(b)).map((n) => join(host.dev, `video${n}`))
}

/** Which camera an open device is. */
export function identify(host: V4l2Host, path: string, native: NativeV4l2): V4l2Identity {
  const { driver, card, busInfo } = nativeCall(() => native.info())
  return {
    driver: plainText(driver),
    card: plainText(card),
    busInfo: plainText(busInfo),
    index: indexOf(host, path),
  }
}

export function isSameDevice(a: V4l2Identity, b: V4l2Identity): boolean {
  return (
    a.driver === b.driver && a.card === b.card && a.busInfo === b.busInfo && a.index === b.index
  )
}

function indexOf(host: V4l2Host, path: string): number | undefined {
  const text = fromKernel(host, path, 'index')?.trim() ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

function fromKernel(host: V4l2Host, path: string, file: string): string | undefined {
  try {
    return readFileSync(join(host.sys, basename(realpathSync(path)), file), 'utf8')
  } catch {
    return undefined
  }
}
