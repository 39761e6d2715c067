import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'

/** What `[i]` stands for. */
interface Sequence {
  readonly length: number
  at(index: number): unknown
  set(values: readonly unknown[], from: number): void
}

/** The error for an index that `length` elements do not have. */
export function outside(index: number, length: number): FrameringError {
  return new FrameringError(
    'OPTION_INVALID',
    `index is ${show(index)}; give a whole number from 0 to ${length - 1}`,
  )
}

const TRAPS: ProxyHandler<object> = {
  get(target, key, receiver) {
    const index = indexOf(key)
    if (index === undefined) return Reflect.get(target, key, receiver) as unknown
    const sequence = receiver as Sequence
    return sequence.at(checkIndex(index, sequence))
  },
  set(target, key, value, receiver) {
    const index = indexOf(key)
    if (index === undefined) return Reflect.set(target, key, value, receiver)
    const sequence = receiver as Sequence
    sequence.set([value], checkIndex(index, sequence))
    return true
  },
}

/** The number that a key is, as typed arrays tell it; undefined for a name or a symbol. */
function indexOf(key: string | symbol): number | undefined {
  if (typeof key === 'symbol') return undefined
  const index = Number(key)
  return String(index) === key ? index : undefined
}

/** `[-1]` is no element of a JavaScript array: it must not be the last one here, as `at` has it. */
function checkIndex(index: number, { length }: Sequence): number {
  if (Number.isInteger(index) && index >= 0 && index < length) return index
  throw outside(index, length)
}

/**
 * The base of a class whose instances take `[i]` for `at(i)` and `[i] = value` for `set([value], i)`.
 *
 * The Proxy stands at the end of the prototype chain and not around the instances: methods never meet
 * it and stay as fast as any, and there is one for all instances.
 */
export const Indexed = function () {
  // Nothing to set up.
} as unknown as new () => object
Indexed.prototype = new Proxy({}, TRAPS)
