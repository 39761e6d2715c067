import { FrameringError } from '../errors/framering-error.ts'
import { storageConstructor, type DType, type ElementOf } from './dtype.ts'
import { elementKind, isElement } from './element.ts'
import { extentOf, show, type Layout } from './layout.ts'

/** Throws `DTYPE_MISMATCH` unless `data` is the typed array that holds elements of `dtype`. */
export function checkStorage(dtype: DType, data: unknown): void {
  const Storage = storageConstructor(dtype)
  // By name, because a typed array from another realm is as good; a Buffer says Uint8Array too.
  const kind = Object.prototype.toString.call(data).slice(8, -1)
  if (!ArrayBuffer.isView(data) || kind !== Storage.name) {
    throw new FrameringError(
      'DTYPE_MISMATCH',
      `the storage of ${dtype} is ${Storage.name} and ${kind} was given; ` +
        `for bytes of any kind use fromBytes('${dtype}', shape, bytes)`,
    )
  }
}

/**
 * Throws `OPTION_INVALID` for strides that are not one whole number per axis, `SHAPE_MISMATCH` when
 * the layout reaches outside `available` elements.
 */
export function checkLayout({ shape, strides, offset }: Layout, available: number): void {
  if (strides.length !== shape.length || !strides.every(Number.isSafeInteger)) {
    throw new FrameringError(
      'OPTION_INVALID',
      `strides ${show(strides)} for shape ${show(shape)}; give one whole number per axis`,
    )
  }
  const { first, last } = extentOf({ shape, strides, offset })
  if (!Number.isSafeInteger(offset) || first < 0 || offset > available || last >= available) {
    throw new FrameringError(
      'SHAPE_MISMATCH',
      `shape ${show(shape)} with strides ${show(strides)} and offset ${String(offset)} covers ` +
        `elements ${first} to ${last}, and the storage holds ${available}; ` +
        'give a shape that fits it or longer storage',
      { needed: last + 1, available },
    )
  }
}

/** Throws `DTYPE_MISMATCH` unless `value` is of the type that elements of `dtype` have. */
export function checkValue<D extends DType>(
  dtype: D,
  value: unknown,
): asserts value is ElementOf<D> {
  if (isElement(dtype, value)) return
  const given = value === null ? 'null' : typeof value
  throw new FrameringError(
    'DTYPE_MISMATCH',
    `elements of ${dtype} are ${elementKind(dtype)} and ${given} was given`,
  )
}

/** The error for storage that is no longer there. */
export function released(): FrameringError {
  return new FrameringError(
    'RELEASED',
    'the memory of this array is gone: its frame was released, or it was detached; ' +
      'use it before that, or keep a copy() (of a frame: retain() as well)',
  )
}

/** The error for a write into an array that takes none. */
export function readOnly(): FrameringError {
  return new FrameringError(
    'READ_ONLY',
    'this array is read-only; attach without readOnly to write, or change a copy()',
  )
}
