import { types } from 'node:util'
import { FrameringError } from '../errors/framering-error.ts'
import { show, wholeOption } from '../options/index.ts'

/** Memory to lay a struct over. */
export type Bytes = ArrayBufferLike | ArrayBufferView

/**
 * `size` bytes of `bytes` from `byteOffset` on; no copy.
 *
 * Throws `OPTION_INVALID` for anything but bytes, an offset that is negative or not whole, and too few
 * bytes, with `needed` and `available`; `RELEASED` when the memory is gone already.
 */
export function dataView(bytes: Bytes, byteOffset: number | undefined, size: number): DataView {
  const offset = wholeOption('byteOffset', byteOffset, 0, 0, Number.MAX_SAFE_INTEGER)
  const { buffer, start, length } = regionOf(bytes)
  if (length - offset < size) {
    if (isDetached(buffer)) throw released()
    throw new FrameringError(
      'OPTION_INVALID',
      `${size} bytes are needed from byte ${offset} on, and there are ${length} in all; ` +
        'give more bytes, or a smaller byteOffset',
      { needed: offset + size, available: length },
    )
  }
  return new DataView(buffer, start + offset, size)
}

/** What to throw for an error met while touching `view`: `RELEASED` if its memory is gone. */
export function gone(view: DataView, error: unknown): Error {
  return isGone(view) ? released() : (error as Error)
}

/** What `console.log` shows: never an error, since it may be showing one. */
export function shown(view: DataView, copy: () => unknown): unknown {
  return isGone(view) ? '[memory that is gone]' : copy()
}

/** Throws `RELEASED` when the memory of `view` is gone. */
export function checkThere(view: DataView): void {
  if (isGone(view)) throw released()
}

function regionOf(bytes: unknown): { buffer: ArrayBufferLike; start: number; length: number } {
  if (ArrayBuffer.isView(bytes)) {
    return { buffer: bytes.buffer, start: bytes.byteOffset, length: bytes.byteLength }
  }
  if (types.isAnyArrayBuffer(bytes)) return { buffer: bytes, start: 0, length: bytes.byteLength }
  throw new FrameringError(
    'OPTION_INVALID',
    `the bytes are ${show(bytes)}; give a Uint8Array, an ArrayBuffer or a view of one`,
  )
}

/** Node 20 has no `detached`; but no view can be made of a buffer that is. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer)
    return false
  } catch {
    return true
  }
}

/** A DataView says so by throwing: over a detached buffer, and beyond the end of a shrunk one. */
function isGone(view: DataView): boolean {
  try {
    return view.byteLength < 0
  } catch {
    return true
  }
}

function released(): FrameringError {
  return new FrameringError(
    'RELEASED',
    'the memory of this struct is gone: it was closed or released; ' +
      'use it before that, or keep what toObject() gives',
  )
}
