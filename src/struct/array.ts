import { FrameringError } from '../errors/framering-error.ts'
import { Elements, type ArrayView } from './array-view.ts'
import {
  checkType,
  CODEC,
  fieldType,
  type Codec,
  type FieldType,
  type Infer,
  type InputOf,
} from './field-type.ts'
import { checkLength, checkSize } from './layout.ts'
import { placed, type Placed } from './placed.ts'
import { lengthOf, prepareElements } from './prepare-elements.ts'

type Values<T> = ArrayLike<InputOf<T>>

/** The type of `length` values one behind the other: C's `T name[length]`. */
export interface ArrayType<T extends FieldType>
  extends
    FieldType<ArrayView<T>, Infer<T>[], Values<T>>,
    Placed<ArrayView<T>, Infer<T>[], Values<T>> {
  readonly element: T
  readonly length: number
}

/**
 * A fixed array, of numbers, strings, structs or arrays.
 *
 * ```ts
 * const Meta = struct({ shape: array(i32, 3), matrix: array(array(f32, 4), 4) })
 * meta.matrix[1][2] = 0.5
 * const points = array(Point, 100).at(bytes) // by itself: in this machine's byte order
 * ```
 *
 * An accessor gives an {@link ArrayView}; `write` and `assign` take an array, typed or not, of exactly
 * `length` values, else `SHAPE_MISMATCH`. `length` is 1 to 2³² − 1, else `OPTION_INVALID`.
 */
export function array<T extends FieldType>(element: T, length: number): ArrayType<T> {
  checkType('element type of an array', element)
  checkLength('an array', length, 2 ** 32 - 1)
  const name = `array(${element.name}, ${length})`
  const codec = arrayCodec(element, length, name)
  const size = checkSize(element.size * length)
  return fieldType(name, size, element.alignment, codec, {
    element,
    length,
    ...placed(size, codec),
  })
}

function arrayCodec<T extends FieldType>(
  element: T,
  length: number,
  name: string,
): Codec<ArrayView<T>, Infer<T>[], Values<T>> {
  const { size, [CODEC]: codec } = element
  return {
    isView: true,
    // Its Proxy answers for the indices, which the class cannot declare.
    access: (view, at, little) =>
      new Elements(element, length, view, at, little) as unknown as ArrayView<T>,
    load: (view, at, little) =>
      Array.from({ length }, (_, i) => codec.load(view, at + i * size, little)) as Infer<T>[],
    prepare(values, path) {
      const given = lengthOf(values, path || 'the value', name)
      if (given === length) return prepareElements(element, values, length, path, 0)
      throw new FrameringError(
        'SHAPE_MISMATCH',
        `${path || 'the value'} has ${given} elements and ${name} takes exactly ${length}; ` +
          'write a part of them with set(values, from) of its view',
        { needed: given, available: length },
      )
    },
    store(view, at, little, prepared) {
      const values = prepared as unknown[]
      for (let i = 0; i < length; i++) codec.store(view, at + i * size, little, values[i])
    },
  }
}
