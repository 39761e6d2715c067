const scratch = new DataView(new ArrayBuffer(8))

/** Adding and subtracting this rounds a smaller double to an integer, ties to even. */
const INTEGER_ROUNDER = 2 ** 52

/** 2 ** (10 - e) for the exponents e from -14 to 15: computing the power would take most of the time. */
const STEPS_PER_UNIT = Float64Array.from({ length: 30 }, (_, i) => 2 ** (24 - i))

/**
 * The number that 16 bits of IEEE 754 binary16 stand for.
 *
 * ```ts
 * float16ToNumber(0x3c00) // 1
 * float16ToNumber(0x0001) // 2 ** -24, the smallest subnormal
 * ```
 *
 * Exact for all 65536 patterns; all NaN patterns give NaN.
 */
export function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN
  scratch.setUint32(0, ((bits & 0x8000) << 16) | ((exponent + 112) << 23) | (mantissa << 13))
  return scratch.getFloat32(0)
}

/**
 * The binary16 nearest to a number, ties to even, as its 16 bits.
 *
 * ```ts
 * numberToFloat16(1) // 0x3c00
 * numberToFloat16(65520) // 0x7c00: half way beyond the largest finite value, 65504, is Infinity
 * ```
 *
 * Rounds once, from the double: going through float32 would round twice and miss by one bit at
 * near-ties. Too large becomes Infinity, too small zero, each with its sign. NaN becomes 0x7e00.
 */
export function numberToFloat16(value: number): number {
  if (value !== value) return 0x7e00
  scratch.setFloat64(0, value)
  const high = scratch.getUint32(0)
  const sign = (high >>> 16) & 0x8000
  const exponent = ((high >>> 20) & 0x7ff) - 1023
  if (exponent > 15) return sign | 0x7c00
  const scale = exponent < -14 ? -14 : exponent
  const steps = Math.abs(value) * (STEPS_PER_UNIT[scale + 14] as number)
  const rounded = steps + INTEGER_ROUNDER - INTEGER_ROUNDER
  // Added, not or-ed: a mantissa that rounds up to its limit must carry into the exponent.
  return sign | (((scale + 14) << 10) + rounded)
}
