import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { float16ToNumber, numberToFloat16 } from '../../src/ndarray/index.ts'

/** IEEE 754 binary16 by its definition. */
function defined(bits: number): number {
  const sign = bits >> 15 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  if (exponent === 0) return sign * (fraction / 1024) * Math.pow(2, -14)
  return sign * (1 + fraction / 1024) * Math.pow(2, exponent - 15)
}

describe('float16', () => {
  it('decodes all 65536 patterns as IEEE 754 defines them, the sign of zero included', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      if (!Object.is(float16ToNumber(bits), defined(bits))) {
        expect.fail(`${bits.toString(16)}: ${float16ToNumber(bits)} for ${defined(bits)}`)
      }
    }
  })

  it('encodes each of the 63488 values back to its own pattern, and NaN to 0x7e00', () => {
    let same = 0
    for (let bits = 0; bits < 0x10000; bits++) {
      const back = numberToFloat16(defined(bits))
      if (Number.isNaN(defined(bits))) expect(back).toBe(0x7e00)
      else if (back === bits) same++
    }
    expect(same).toBe(65536 - 2 * 1023)
  })

  it('rounds to the nearest, and ties to even, around every value', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const low = defined(bits)
      const high = defined(bits + 1)
      const middle = (low + high) / 2
      const even = bits % 2 === 0 ? bits : bits + 1
      // A step of a double, far below half a step of a float32: rounding by way of one would miss.
      const nudge = middle * 2 ** -50
      const got = [middle - nudge, middle, middle + nudge].map(numberToFloat16)
      const want = [bits, even, bits + 1]
      if (got.some((g, i) => g !== want[i])) expect(got, `around ${low}`).toEqual(want)
      if (numberToFloat16(-middle) !== (even | 0x8000)) expect.fail(`around -${low}`)
    }
  })

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.999, 0x7bff],
    [65520, 0x7c00],
    [1e300, 0x7c00],
    [-Infinity, 0xfc00],
    [0.1, 0x2e66],
    [1 / 3, 0x3555],
    [6.103515625e-5, 0x0400],
    [5.960464477539063e-8, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.000001, 0x0001],
    [5e-324, 0x0000],
    [-0, 0x8000],
  ])('%d is %i', (value, bits) => {
    expect(numberToFloat16(value)).toBe(bits)
  })

  it('gives 16 bits for any number', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const bits = numberToFloat16(value)
        expect(Number.isInteger(bits) && bits >= 0 && bits <= 0xffff).toBe(true)
      }),
    )
  })
})
