import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'

/** Where a type keeps how its values lie in memory. */
export const CODEC = Symbol('framering.codec')

/**
 * How values of one type lie in memory. `at` counts from the start of `view`; `little` is the byte
 * order of the struct around it. `load`, `access` and `store` throw the DataView's own TypeError once
 * the memory is gone: who calls them on a user's behalf says so with `gone`.
 */
export interface Codec<Access, Value, Input> {
  /** What an accessor gives: the value itself, or a view of the memory. */
  access(view: DataView, at: number, little: boolean): Access
  /** Whether `access` gives a view: one that is kept, and written through, never assigned to. */
  readonly isView: boolean
  /** A copy that shares nothing with the memory. */
  load(view: DataView, at: number, little: boolean): Value
  /**
   * Checks all of `value`, and gives what `store` takes. Apart from storing, so that nothing is
   * written when the last of many fields does not fit. `path` names the value in messages.
   */
  prepare(value: Input, path: string): unknown
  store(view: DataView, at: number, little: boolean, prepared: unknown): void
}

/**
 * The type of a field: `i32`, `array(f64, 3)`, `string(16)`, a struct.
 *
 * ```ts
 * i64.size      // 8
 * i64.alignment // 8: as C has it on the machines framering runs on
 * ```
 *
 * `Access` is what an accessor gives, `Value` what `toObject` gives, `Input` what writing takes.
 */
export interface FieldType<Access = unknown, Value = unknown, Input = unknown> {
  /** As it is written in a definition: `array(f64, 3)`. */
  readonly name: string
  /** Bytes, trailing padding included: C's `sizeof`. */
  readonly size: number
  /** Its offset in a struct is a multiple of this unless packed: C's `alignof`. */
  readonly alignment: number
  readonly [CODEC]: Codec<Access, Value, Input>
}

/** What an accessor of such a field gives. */
export type AccessOf<T> = T extends FieldType<infer A> ? A : never

/** What writing such a field takes. */
export type InputOf<T> = T extends FieldType<unknown, unknown, infer I> ? I : never

/**
 * The plain value of a type, as `toObject` and `read` give it.
 *
 * ```ts
 * const Meta = struct({ shape: array(i32, 3), count: i64 })
 * type Meta = Infer<typeof Meta> // { shape: number[]; count: bigint }
 * ```
 */
export type Infer<T> = T extends FieldType<unknown, infer V> ? V : never

/** A type, with its codec out of sight of `console.log` and `Object.keys`. */
export function fieldType<Access, Value, Input, Members extends object = object>(
  name: string,
  size: number,
  alignment: number,
  codec: Codec<Access, Value, Input>,
  members?: Members,
): FieldType<Access, Value, Input> & Members {
  const type = { name, size, alignment, ...(members as Members), [CODEC]: codec }
  Object.defineProperty(type, CODEC, { enumerable: false })
  return Object.freeze(type)
}

/** Throws `OPTION_INVALID` unless `value` is a type. `where` names the place it was given in. */
export function checkType(where: string, value: unknown): asserts value is FieldType {
  if (typeof value === 'object' && value !== null && CODEC in value) return
  throw new FrameringError(
    'OPTION_INVALID',
    `${where} is ${show(value)}; give a type: i32, f64, string(16), array(u8, 4), a struct`,
  )
}

/** Throws `DTYPE_MISMATCH`: `value` is none of the values that a type has. */
export function mismatch(path: string, value: unknown, type: string, takes: string): never {
  throw new FrameringError('DTYPE_MISMATCH', `${path} is ${show(value)}; ${type} takes ${takes}`)
}
