import { createRequire } from 'node:module'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { fourccInfo, planeRows, resolveFormat } from '../../src/format/index.ts'
import type { V4l2Binding } from '../../src/native/index.ts'
import { fillPattern } from '../../src/sources/index.ts'
import { useV4l2Host } from '../../src/sources/v4l2-host.ts'
import { buildFake } from './build-fake.mjs'

/** What native/test/v4l2/fake_addon.cc exports. */
interface FakeAddon extends V4l2Binding {
  plug(path: string, recording: string, payloads: readonly Uint8Array[]): void
  unplug(path: string): void
  play(path: string, events: number): void
  state(path: string): { handles: number; mappings: number; log: string }
}

/** What is recorded of a device; `lines` are as native/test/v4l2/fake_device.h describes them. */
export interface Recording {
  readonly lines: readonly string[]
  readonly payloads?: readonly Uint8Array[]
  /** which of a camera's nodes; default 0 */
  readonly index?: number
}

/** A directory of devices that exist only in recordings, in place of /dev while it is not disposed. */
export class FakeDevices implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'framering-v4l2-'))
  readonly dev = join(this.root, 'dev')
  readonly sys = join(this.root, 'sys')
  readonly #addon: FakeAddon

  private constructor(addon: FakeAddon) {
    this.#addon = addon
    mkdirSync(this.dev)
    mkdirSync(this.sys)
    useV4l2Host({ binding: addon, dev: this.dev, sys: this.sys })
  }

  static async create(): Promise<FakeDevices> {
    const path = await buildFake()
    return new FakeDevices(createRequire(import.meta.url)(path) as FakeAddon)
  }

  /** Makes the device first, then its node, as a driver does. */
  plug(name: string, { lines, payloads = [], index = 0 }: Recording): string {
    const path = join(this.dev, name)
    this.#addon.plug(path, lines.join('\n'), payloads)
    mkdirSync(join(this.sys, name), { recursive: true })
    writeFileSync(join(this.sys, name, 'index'), `${index}\n`)
    writeFileSync(join(this.sys, name, 'name'), 'Cam as the kernel calls it\n')
    writeFileSync(path, '')
    return path
  }

  unplug(path: string): void {
    this.#addon.unplug(path)
    rmSync(path, { force: true })
    rmSync(join(this.sys, basename(path)), { recursive: true, force: true })
  }

  /** Lets so many more frames (or what is recorded in place of them) happen. */
  play(path: string, events = 1_000_000): void {
    this.#addon.play(path, events)
  }

  /** The ioctls so far that changed something. */
  log(path: string): string {
    return this.#addon.state(path).log
  }

  /** Devices open and buffers mapped. */
  get held(): { handles: number; mappings: number } {
    const { handles, mappings } = this.#addon.state('')
    return { handles, mappings }
  }

  [Symbol.dispose](): void {
    useV4l2Host(undefined)
    rmSync(this.root, { recursive: true })
  }
}

/** The devices of each test of this file; at its end the library must have let go of all of them. */
export function fakeDevices(): () => FakeDevices {
  let fake: FakeDevices
  beforeEach(async () => {
    fake = await FakeDevices.create()
  }, 300_000)
  afterEach(() => {
    const { held } = fake
    fake[Symbol.dispose]()
    expect(held).toEqual({ handles: 0, mappings: 0 })
  })
  return () => fake
}

export const CAPTURE = 0x04000001 // V4L2_CAP_STREAMING | V4L2_CAP_VIDEO_CAPTURE
export const CAPTURE_MPLANE = 0x04001000
export const MONOTONIC = 0x2000
export const SOE = 0x10000
export const DAMAGED = 0x40

/** Names of a camera, without its formats. */
export function identity(bus = 'usb-0000:00:14.0-1', caps = CAPTURE): string[] {
  return ['driver uvcvideo', 'card Test Cam: C920', `bus ${bus}`, `caps ${caps}`]
}

/** A camera of one picture format, whose rows have `padding` bytes more than they need. */
export function simpleCamera(fourcc: string, width: number, height: number, padding = 0): string[] {
  const info = fourccInfo(fourcc)!
  const [first] = planeRows(info, width, height)
  const stride = first!.stride + padding
  const rows = info.planes.reduce((sum, { down, bytes, across }, i) => {
    const share = (bytes * info.planes[0]!.across) / (across * info.planes[0]!.bytes)
    return sum + (i === 0 ? height : share * Math.ceil(height / down))
  }, 0)
  const size = Math.ceil(stride * rows)
  const code = { I420: 'YU12', RGBA: 'AB24', BGRA: 'AR24' }[fourcc] ?? fourcc
  return [
    ...identity(),
    `format ${code} 0 ${fourcc} pictures`,
    `size ${code} ${width} ${height}`,
    'interval 1 30',
    'interval 1 15',
    `mode ${code} ${width} ${height} 1 0 0 0 0 ${stride} ${size}`,
  ]
}

/** The test pattern's picture number `n`, each row followed by bytes that must not arrive. */
export function paddedPattern(
  fourcc: string,
  width: number,
  height: number,
  n: number,
  padding = 0,
): Uint8Array {
  const format = resolveFormat({ format: { fourcc, width, height } })
  const picture = new Uint8Array(format.bytes)
  fillPattern(picture, format, n, n * 10)
  const info = fourccInfo(fourcc)!
  const planes = planeRows(info, width, height)
  const rows: Uint8Array[] = []
  planes.forEach(({ offset, stride, rows: count }, i) => {
    const { bytes, across } = info.planes[i]!
    const share = (bytes * info.planes[0]!.across) / (across * info.planes[0]!.bytes)
    const wide = (planes[0]!.stride + padding) * share
    for (let row = 0; row < count; row++) {
      const padded = new Uint8Array(wide).fill(0xee)
      padded.set(picture.subarray(offset + row * stride, offset + (row + 1) * stride))
      rows.push(padded)
    }
  })
  return new Uint8Array(Buffer.concat(rows))
}
