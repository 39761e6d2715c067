import { FrameringError } from '../errors/framering-error.ts'
import { knownOptions } from './known-options.ts'
import { show } from './show.ts'

/** Throws the `OPTION_INVALID` of an option that is not what it should be. */
export function refuse(option: string, value: unknown, expected: string): never {
  throw new FrameringError('OPTION_INVALID', `${option} is ${show(value)}; give ${expected}`)
}

/** `value` as it is, or `fallback` when left out. Throws `OPTION_INVALID` unless whole and in range. */
export function wholeOption(
  option: string,
  value: number | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (value === undefined) return fallback
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value
  return refuse(option, value, `a whole number from ${min} to ${max}`)
}

/** `value` in milliseconds, or `fallback`. Throws `OPTION_INVALID` unless 0 ≤ value ≤ 9e12. */
export function durationOption(
  option: string,
  value: number | undefined,
  fallback: number,
): number {
  const chosen = value === undefined ? fallback : value
  if (typeof chosen === 'number' && chosen >= 0 && chosen <= 9e12) return chosen
  return refuse(option, value, 'milliseconds, 0 or more')
}

/** `value` if it is a finite number above 0, 0 when left out. Throws `OPTION_INVALID` otherwise. */
export function positiveOption(option: string, value: number | undefined, unit: string): number {
  if (value === undefined) return 0
  if (typeof value === 'number' && value > 0 && value <= 9e12) return value
  return refuse(option, value, `${unit} above 0, or leave it out`)
}

/**
 * What a choice stands for; without a `fallback` one must be made. Throws `OPTION_INVALID` that lists
 * the choices.
 */
export function choiceOption<K extends string, V>(
  option: string,
  value: K | undefined,
  fallback: K | undefined,
  choices: Readonly<Record<K, V>>,
): V {
  const chosen = value === undefined ? fallback : value
  if (chosen !== undefined && Object.hasOwn(choices, chosen)) return choices[chosen]
  const names = Object.keys(choices).map((name) => `'${name}'`)
  return refuse(option, value, names.join(', '))
}

/** `value`, false when left out. Throws `OPTION_INVALID` unless it is true or false. */
export function flagOption(option: string, value: boolean | undefined): boolean {
  if (value === undefined) return false
  return typeof value === 'boolean' ? value : refuse(option, value, 'true or false')
}

/** Throws `OPTION_INVALID` unless `value` is an AbortSignal or left out. */
export function signalOption(value: unknown): void {
  if (value === undefined || value instanceof AbortSignal) return
  throw new FrameringError('OPTION_INVALID', 'signal is not an AbortSignal; give controller.signal')
}

/** Throws `OPTION_INVALID` unless `value` is an object, and of `known` options alone if they are given. */
export function checkOptions(where: string, value: unknown, known?: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FrameringError(
      'OPTION_INVALID',
      `${where} takes an object of options and got ${show(value)}; give { option: value }`,
    )
  }
  if (known !== undefined) knownOptions(where, value, known)
}

/** One length per axis; a number is that of the only one. Throws `OPTION_INVALID` unless it is one or the other. */
export function shapeOption(shape: number | readonly number[]): readonly number[] {
  const isList: boolean = Array.isArray(shape)
  if (typeof shape === 'number') return [shape]
  return isList ? shape : refuse('shape', shape, 'a length, or a list of one per axis')
}
