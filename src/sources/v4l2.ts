import { FrameringError } from '../errors/framering-error.ts'
import type { FrameFormat } from '../format/index.ts'
import { aborted } from '../options/index.ts'
import type { FrameSink } from './frame-sink.ts'
import { createSource, type Source } from './source.ts'
import { V4l2Camera } from './v4l2-camera.ts'
import { listControls, readControl, type V4l2Control, writeControl } from './v4l2-controls.ts'
import { devicePaths, type V4l2Identity } from './v4l2-devices.ts'
import { type V4l2Host, v4l2Host } from './v4l2-host.ts'
import { checkV4l2Options, type V4l2Options, type V4l2Wish } from './v4l2-options.ts'
import { reopen, whenBack } from './v4l2-return.ts'
import { V4l2Timing } from './v4l2-timing.ts'

/** What happened since the camera was opened. */
export interface V4l2Stats {
  /** buffers the driver marked as damaged, or that held no whole frame: not published */
  readonly damaged: number
  /** frames that the driver counted and that never came whole, damaged ones among them */
  readonly lost: number
  /** how often the camera came back */
  readonly reconnects: number
}

/** A camera as a source. */
export interface V4l2Source extends Source {
  /** which camera it is */
  readonly device: V4l2Identity & { readonly path: string }
  /** frames a second it is set to; undefined: the driver does not say */
  readonly fps: number | undefined
  readonly stats: V4l2Stats
  /** everything that can be set, with its range, its choices and its value */
  controls(): V4l2Control[]
  /**
   * The value of a control, by the name `controls()` gives, by the driver's own, or by a short one
   * that works everywhere: exposure, exposure_auto, gain, white_balance, white_balance_auto, focus,
   * focus_auto, zoom.
   *
   * @throws OPTION_INVALID when the camera has none of that name
   */
  control(name: string): number | boolean
  /**
   * Sets a control, of a menu also by the text of the choice; returns what the driver made of it. Set
   * again when the camera comes back.
   *
   * @throws OPTION_INVALID for a name or value it has not; DEVICE_BUSY while another program has it
   */
  setControl(name: string, value: number | boolean | string): number | boolean | undefined
}

/**
 * Frames of a camera, straight from its driver.
 *
 * ```ts
 * await using camera = await v4l2({ fourcc: 'YUYV', width: 640, height: 480, fps: 30 })
 * using writer = createWriter('front', specOf(camera.format))
 * await camera.pump(writer, { signal: AbortSignal.timeout(10_000) })
 * ```
 *
 * Each frame is copied once, from the driver's buffer into the slot, rows without their padding.
 * `captureTime` is the driver's time stamp, `captureMoment` what the driver says it stands for,
 * `sourceSequence` its count from 1. Damaged frames are left out, which readers see as a gap.
 *
 * Uses the ioctls of linux/videodev2.h with memory-mapped buffers: "Streaming I/O" of the kernel's
 * userspace-api/media/v4l. Needs Linux 3.17 for its controls.
 *
 * @throws OPTION_INVALID; NOT_FOUND without such a device; PERMISSION for one who is not of the group
 * video; FORMAT_INVALID with what it offers; DEVICE_BUSY while another streams, from here or from
 * `pump`; DEVICE_GONE from `pump` when it is unplugged; UNSUPPORTED for what is no camera; SYSTEM; ABORTED
 */
export async function v4l2(options: V4l2Options = {}): Promise<V4l2Source> {
  const wish = checkV4l2Options(options)
  if (options.signal?.aborted) throw aborted('the opening of the camera', options.signal)
  const session = new Session(v4l2Host(), wish)
  const source = createSource(
    session.format,
    (sink, signal) => session.run(sink, signal),
    () => {
      session.dispose()
      return Promise.resolve()
    },
  )
  return Promise.resolve({
    ...source,
    get device() {
      return session.device
    },
    get fps() {
      return session.fps
    },
    get stats() {
      return session.stats
    },
    controls: () => listControls(session.camera().native),
    control: (name) => readControl(session.camera().native, name),
    setControl: (name, value) => session.setControl(name, value),
  })
}

/** A camera through all its openings. */
class Session {
  readonly format: FrameFormat
  readonly #host: V4l2Host
  readonly #wish: V4l2Wish
  readonly #controls: Map<string, number | boolean | string>
  readonly #counts = { damaged: 0 }
  #device: V4l2Identity & { path: string }
  #fps: number | undefined
  #camera: V4l2Camera | undefined
  #lost = 0
  #timing: V4l2Timing | undefined
  #reconnects = 0
  #disposed = false

  constructor(host: V4l2Host, wish: V4l2Wish) {
    this.#host = host
    this.#controls = new Map(Object.entries(wish.controls))
    const camera = openFirst(host, wish)
    try {
      camera.negotiate()
      camera.setControls(this.#controls)
    } catch (error) {
      camera.close()
      throw error
    }
    this.#camera = camera
    this.format = camera.format
    this.#fps = camera.fps
    this.#device = { path: camera.path, ...camera.identity }
    this.#wish = camera.keep()
  }

  get device(): V4l2Identity & { readonly path: string } {
    return this.#device
  }

  get fps(): number | undefined {
    return this.#fps
  }

  get stats(): V4l2Stats {
    return {
      damaged: this.#counts.damaged,
      lost: this.#lost + (this.#timing?.lost ?? 0),
      reconnects: this.#reconnects,
    }
  }

  camera(): V4l2Camera {
    if (this.#disposed) {
      throw new FrameringError('CLOSED', 'this source was disposed; make a new one')
    }
    if (this.#camera) return this.#camera
    throw new FrameringError(
      'DEVICE_GONE',
      `${this.#device.path} is gone; plug it in again, then pump anew (or give \`reconnect: true\`)`,
    )
  }

  setControl(name: string, value: number | boolean | string): number | boolean | undefined {
    const taken = writeControl(this.camera().native, name, value)
    this.#controls.set(name, value)
    return taken
  }

  async run(sink: FrameSink, signal: AbortSignal): Promise<void> {
    const timing = (this.#timing = new V4l2Timing())
    const run = { sink, timing, room: this.format.bytes, counts: this.#counts }
    // A device that opens and is gone before its first frame would be opened for ever.
    let atOnce = true
    try {
      for (;;) {
        const before = timing.frames
        try {
          const camera = await this.#ready(atOnce, signal)
          if (!camera) return
          await camera.stream(run, signal)
          return
        } catch (error) {
          if (!isGone(error)) throw error
          this.#camera?.close()
          this.#camera = undefined
          if (!this.#wish.reconnect) throw error
          atOnce = timing.frames > before
        }
      }
    } finally {
      this.#lost += timing.lost
      this.#timing = undefined
    }
  }

  dispose(): void {
    this.#disposed = true
    this.#camera?.close()
    this.#camera = undefined
  }

  /** The camera, set up for a stream; undefined when aborted before it was back. */
  async #ready(atOnce: boolean, signal: AbortSignal): Promise<V4l2Camera | undefined> {
    if (this.#camera) {
      this.#camera.negotiate()
      return this.#camera
    }
    const back = this.#wish.reconnect
      ? await whenBack(this.#host, this.#device, this.#wish, { atOnce, signal })
      : reopen(this.#host, this.#device, this.#wish)
    if (!back) return signal.aborted ? undefined : this.camera()
    try {
      back.negotiate()
      back.setControls(this.#controls)
    } catch (error) {
      back.close()
      throw error
    }
    this.#camera = back
    this.#fps = back.fps
    this.#device = { path: back.path, ...back.identity }
    this.#reconnects++
    return back
  }
}

function openFirst(host: V4l2Host, wish: V4l2Wish): V4l2Camera {
  if (wish.device !== undefined) return V4l2Camera.open(host, wish.device, wish)
  let first: unknown
  for (const path of devicePaths(host)) {
    try {
      return V4l2Camera.open(host, path, wish)
    } catch (error) {
      // What is no camera says nothing of the others; why a camera cannot be had is worth telling.
      const isCamera = !(error instanceof FrameringError) || error.code !== 'UNSUPPORTED'
      if (isCamera) first ??= error
    }
  }
  if (first instanceof Error) throw first
  throw new FrameringError(
    'NOT_FOUND',
    `there is no camera in ${host.dev}; plug one in, give its \`device\` to the container, ` +
      'or use testPattern',
  )
}

function isGone(error: unknown): boolean {
  return error instanceof FrameringError && error.code === 'DEVICE_GONE'
}
