import { nearest } from '../../options/index.ts'
import { misused } from '../flags.ts'
import { FIELD_NAMES, type FieldName, isField, type Seen, type Value, valueOf } from './fields.ts'

/** Whether a frame is one that was asked for. */
export type Filter = (seen: Seen) => boolean

const OPERATORS: Readonly<Record<string, (a: number | string, b: number | string) => boolean>> = {
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

/** One comparison: a field, an operator and the rest. */
const COMPARISON = /^([A-Za-z]+)\s*(!=|<=|>=|==|=|<|>)\s*(\S+)$/

/**
 * A filter of comparisons joined by `and`. Nothing of it is evaluated as code.
 *
 * ```ts
 * const filter = filterOf('gap>0 and bytesUsed>1000')
 * ```
 *
 * Numbers are compared as numbers; text and `true`, `false` with `=` and `!=` alone. A field that is
 * unknown fits nothing. Throws `OPTION_INVALID`.
 */
export function filterOf(expression: string): Filter {
  const comparisons = expression
    .trim()
    .split(/\s+and\s+/i)
    .map(comparisonOf)
  return (seen) => comparisons.every((fits) => fits(seen))
}

function comparisonOf(text: string): Filter {
  const [, name, operator, given] = COMPARISON.exec(text) ?? []
  if (name === undefined || operator === undefined || given === undefined) {
    throw misused(
      `--filter does not understand '${text}'; ` +
        "write a field, one of = != < <= > >=, a value, and 'and' between two such, as in " +
        "'gap>0 and bytesUsed>1000'",
    )
  }
  const field = fieldOf(name, '--filter')
  const sign = operator === '==' ? '=' : operator
  const compare = OPERATORS[sign]!
  const number = Number(given)
  const numeric = !Number.isNaN(number)
  if (!numeric && sign !== '=' && sign !== '!=') {
    throw misused(`--filter compares '${given}' by ${sign}; ${sign} takes a number`)
  }
  return (seen) => {
    const value = scalar(valueOf(field, seen))
    if (value === null) return false
    if (typeof value === 'number') return numeric && compare(value, number)
    return compare(value, given)
  }
}

/** The field of that name. Throws `OPTION_INVALID` that names the nearest. */
export function fieldOf(name: string, flag: string): FieldName {
  if (isField(name)) return name
  const near = nearest(name, FIELD_NAMES)
  throw misused(
    `${flag}: there is no field '${name}'; ` +
      (near.length > 0
        ? `did you mean ${near.join(' or ')}?`
        : `there is ${FIELD_NAMES.join(', ')}`),
  )
}

function scalar(value: Value): number | string | null {
  if (typeof value === 'number' || value === null) return value
  return typeof value === 'object' ? value.join(',') : String(value)
}
