import { FrameringError } from '../errors/framering-error.ts'
import { type FrameFormat, unpackFourcc } from '../format/index.ts'
import {
  asFrameringError,
  type NativeV4l2,
  type NativeV4l2Format,
  nativeCall,
} from '../native/index.ts'
import { closedUnderneath } from './frame-assembler.ts'
import type { FrameSink } from './frame-sink.ts'
import { identify, type V4l2Identity } from './v4l2-devices.ts'
import { writeControl } from './v4l2-controls.ts'
import { formatOfDriver, layoutOf, type V4l2Layout } from './v4l2-format.ts'
import type { V4l2Host } from './v4l2-host.ts'
import { firstKnown, formatsOf, pixelformatFor, rateOfInterval } from './v4l2-offer.ts'
import type { V4l2Wish } from './v4l2-options.ts'
import type { V4l2Timing } from './v4l2-timing.ts'

/** Where a stream goes, and what it counts as it goes. */
export interface V4l2Run {
  readonly sink: FrameSink
  readonly timing: V4l2Timing
  /** bytes the ring's frames have room for */
  readonly room: number
  readonly counts: { damaged: number }
}

/** One opening of a camera, from `open` to `close`; a camera that is plugged in again is another. */
export class V4l2Camera {
  readonly path: string
  readonly identity: V4l2Identity
  readonly native: NativeV4l2
  readonly #buffers: number
  #wish: V4l2Wish
  #layout: V4l2Layout | undefined
  #fps: number | undefined

  private constructor(path: string, identity: V4l2Identity, native: NativeV4l2, wish: V4l2Wish) {
    this.path = path
    this.identity = identity
    this.native = native
    this.#buffers = wish.buffers
    this.#wish = wish
  }

  /** Opens a device without setting anything. */
  static open(host: V4l2Host, path: string, wish: V4l2Wish): V4l2Camera {
    const native = nativeCall(() => host.binding.openV4l2({ path }))
    try {
      return new V4l2Camera(path, identify(host, path, native), native, wish)
    } catch (error) {
      native.close()
      throw error
    }
  }

  get format(): FrameFormat {
    return this.#layout!.format
  }

  /** frames a second; undefined: the driver does not say */
  get fps(): number | undefined {
    return this.#fps
  }

  close(): void {
    this.native.close()
  }

  /** Sets format and rate. Called anew before each stream: others may have set theirs meanwhile. */
  negotiate(): void {
    nativeCall(() => {
      const wanted = this.#wanted()
      const driver = this.native.setFormat(wanted.pixelformat, wanted.width, wanted.height)
      const { size } = this.#wish
      if (driver.pixelformat !== wanted.pixelformat) throw this.#refused(wanted, driver)
      if (size && (driver.width !== size.width || driver.height !== size.height)) {
        throw this.#refused(wanted, driver)
      }
      this.#layout = layoutOf(this.path, driver)
      if (this.#wish.rate) this.native.setInterval(this.#wish.rate[1], this.#wish.rate[0])
      this.#fps = rateOfInterval(this.native.getInterval())
    })
  }

  /** What was chosen now is asked for from now on, whatever others set the camera to. */
  keep(): V4l2Wish {
    const { fourcc, width, height } = this.format
    return (this.#wish = { ...this.#wish, fourcc, size: { width, height } })
  }

  setControls(controls: Iterable<readonly [string, number | boolean | string]>): void {
    for (const [name, value] of controls) writeControl(this.native, name, value)
  }

  /** Streams into `sink` until aborted. @throws DEVICE_GONE when it was unplugged, and what the driver fails with */
  async stream(run: V4l2Run, signal: AbortSignal): Promise<void> {
    const { native } = this
    nativeCall(() => {
      native.start(this.#buffers, this.#layout!.rows)
    })
    run.timing.restart()
    let stop = (): void => undefined
    try {
      await new Promise<void>((resolve, reject) => {
        stop = () => {
          resolve()
        }
        signal.addEventListener('abort', stop, { once: true })
        if (signal.aborted) stop()
        native.watch((hungUp) => {
          try {
            nativeCall(() => {
              this.#drain(run, signal)
            })
            if (hungUp) throw this.#hungUp()
          } catch (error) {
            native.unwatch()
            reject(asFrameringError(error))
          }
        })
      })
    } finally {
      signal.removeEventListener('abort', stop)
      native.stop()
    }
  }

  /** What is there, but no more than the driver has buffers: others have their turn too. */
  #drain({ sink, timing, room, counts }: V4l2Run, signal: AbortSignal): void {
    const opaque = this.#layout!.rows.length === 0
    for (let i = 0; i < this.#buffers && !signal.aborted; i++) {
      const frame = this.native.dequeue()
      counts.damaged += frame.damaged
      if (!frame.held) return
      // Longer than the driver said a frame can be: the ring has no room for it.
      if (frame.bytes > room) {
        counts.damaged++
        continue
      }
      const meta = timing.meta(frame, opaque)
      const loan = sink.loan()
      try {
        if (loan.data.length < frame.bytes) throw closedUnderneath()
        this.native.copy(loan.data)
      } catch (error) {
        loan.abandon()
        throw error
      }
      sink.publish(loan, meta)
    }
  }

  #wanted(): { pixelformat: number; width: number; height: number } {
    const { fourcc, size } = this.#wish
    const now = this.native.getFormat()
    let pixelformat: number | undefined
    if (fourcc === undefined) {
      pixelformat = formatOfDriver(now.pixelformat) ? now.pixelformat : firstKnown(this.native)
    } else {
      pixelformat =
        formatOfDriver(now.pixelformat)?.fourcc === fourcc
          ? now.pixelformat
          : pixelformatFor(this.native, fourcc)
    }
    const { width, height } = size ?? now
    if (pixelformat !== undefined) return { pixelformat, width, height }
    throw this.#refused(fourcc === undefined ? 'a format framering knows' : fourcc, now)
  }

  #refused(
    wanted: string | { pixelformat: number; width: number; height: number },
    driver: NativeV4l2Format,
  ): FrameringError {
    const asked = typeof wanted === 'string' ? wanted : shown(wanted)
    const offer = formatsOf(this.native).map(({ driverFourcc, sizes }) => {
      const list = sizes.map((s) =>
        s.kind === 'discrete'
          ? `${s.width} × ${s.height}`
          : `${s.width.min}…${s.width.max} × ${s.height.min}…${s.height.max}`,
      )
      return `${driverFourcc.trimEnd()} ${list.slice(0, 12).join(', ')}`.trimEnd()
    })
    return new FrameringError(
      'FORMAT_INVALID',
      `${this.path} does not give ${asked} (it chose ${shown(driver)}); ` +
        `it offers ${offer.join('; ') || 'no list of formats'}`,
    )
  }

  #hungUp(): FrameringError {
    return new FrameringError(
      'DEVICE_GONE',
      `${this.path} has hung up, it was unplugged or its driver has let it go; ` +
        'plug it in again and open it anew, or give `reconnect: true`',
    )
  }
}

function shown({
  pixelformat,
  width,
  height,
}: {
  pixelformat: number
  width: number
  height: number
}): string {
  return `${unpackFourcc(pixelformat).trimEnd()} ${width} × ${height}`
}
