import { inspect } from 'node:util'

const LONGEST = 80

/** A value as a message shows it: never throws, and never fills a screen. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 8 })
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
