import { FrameringError } from '../errors/framering-error.ts'
import { DTYPES, itemsizeOf } from '../ndarray/index.ts'
import type { NativeFormat, NativeWriterOptions } from '../native/index.ts'
import type { Geometry } from './geometry.ts'
import { geometryOf } from './geometry.ts'

const MAX_NAME = 128
const MAX_TEXT = 4080
const OWNER_RW = 0o600
const WORLD_WRITE = 0o002

/** Throws `NAME_INVALID` unless it is a ring's name. */
export function checkRingName(name: string): void {
  if (name.length >= 1 && name.length <= MAX_NAME && /^[A-Za-z0-9._-]*$/.test(name)) return
  throw new FrameringError(
    'NAME_INVALID',
    `the ring's name is '${name}': use 1 to ${MAX_NAME} letters, digits, '.', '_' and '-'`,
  )
}

/** Throws `OPTION_INVALID` for what shared memory refuses too. */
export function checkWriterOptions(o: NativeWriterOptions): Geometry {
  const geometry = checkGeometry(o.slotBytes, o.slotCount, o.maxReaders)
  if ((o.mode & OWNER_RW) !== OWNER_RW || (o.mode & WORLD_WRITE) !== 0) {
    throw new FrameringError(
      'OPTION_INVALID',
      `mode ${o.mode.toString(8).padStart(4, '0')}: the owner must read and write, nobody else's ` +
        'objects may be writable by the world; use 0600, or 0660 with a group',
    )
  }
  checkText(o.descriptor)
  checkFormat(o.format, geometry.slotBytes)
  return geometry
}

export function checkGeometry(slotBytes: number, slotCount: number, maxReaders: number): Geometry {
  const geometry = geometryOf(slotBytes, slotCount, maxReaders)
  if (geometry !== undefined) return geometry
  throw new FrameringError(
    'OPTION_INVALID',
    `${slotCount} slots of ${slotBytes} bytes for ${maxReaders} readers is out of range: 2 to 1000 ` +
      'slots of at least one byte, 1 to 64 readers, 64 TiB in all',
  )
}

export function checkText(text: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= MAX_TEXT) return
  throw new FrameringError(
    'OPTION_INVALID',
    `the descriptor has ${bytes} bytes, at most ${MAX_TEXT} fit`,
  )
}

/** Throws `OPTION_INVALID` when a frame of the format does not fit a slot. */
export function checkFormat(format: NativeFormat, slotBytes: number): void {
  const dtype = DTYPES[format.dtype - 1]
  const bytes = dtype && format.shape.reduce((product, n) => product * n, itemsizeOf(dtype))
  if (bytes !== undefined && bytes > 0 && bytes <= slotBytes) return
  throw new FrameringError(
    'OPTION_INVALID',
    `a frame of this format has ${String(bytes)} bytes and a slot ${slotBytes}: give the slots more`,
  )
}
