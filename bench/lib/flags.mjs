// The flags every row takes, so that each is runnable alone with any workload it knows.
import { parseArgs } from 'node:util'

/** Payload sizes of the published tables: a word, VGA RGB, 1080p RGB, 4K RGBA. */
export const SIZES = { '64 B': 64, VGA: 921_600, '1080p': 6_220_800, '4K': 33_177_600 }

/**
 * What a row is asked to do.
 *
 * @typedef {object} Flags
 * @property {string} workload
 * @property {number} bytes of the payload
 * @property {number} rate Hz; 0 = flat out
 * @property {number} readers
 * @property {number} samples
 * @property {number} warmup samples thrown away first
 * @property {number} seconds after which a ping-pong ends with the samples it has
 * @property {boolean} pin writer on processor 0, reader on processor 1
 * @property {boolean} inPlace one byte written and read instead of all
 */

const COMMON = {
  workload: { type: 'string' },
  bytes: { type: 'string' },
  rate: { type: 'string' },
  readers: { type: 'string' },
  samples: { type: 'string' },
  warmup: { type: 'string' },
  seconds: { type: 'string' },
  pin: { type: 'boolean' },
  'in-place': { type: 'boolean' },
}
const WHOLE = { bytes: 64, rate: 1000, readers: 1, samples: 10_000, warmup: 1000, seconds: 120 }

/**
 * Reads a row's command line.
 *
 * ```js
 * const flags = rowFlags(process.argv.slice(2), { workload: 'ping-pong', views: 'cached' })
 * ```
 *
 * `defaults`: of the common flags, and the row's own flags with their defaults: strings, booleans, or
 * numbers. Throws what `parseArgs` throws, and for a number that is none.
 *
 * @param {string[]} args
 * @param {Record<string, string | number | boolean>} defaults
 * @returns {Flags & Record<string, any>}
 */
export function rowFlags(args, defaults = {}) {
  const own = Object.fromEntries(
    Object.entries(defaults)
      .filter(([name]) => !(dashed(name) in COMMON))
      .map(([name, value]) => [
        dashed(name),
        { type: typeof value === 'boolean' ? 'boolean' : 'string' },
      ]),
  )
  const { values } = parseArgs({ args, options: { ...COMMON, ...own } })
  const flags = { pin: false, inPlace: false, workload: 'ping-pong', ...WHOLE, ...defaults }
  for (const [name, given] of Object.entries(values)) {
    const key = camel(name)
    flags[key] = typeof flags[key] === 'number' ? count(name, given) : given
  }
  return flags
}

/** The flags as a command line again, for the processes of a row. */
export function toArgs(flags) {
  return Object.entries(flags)
    .filter(([, value]) => value !== false && value !== undefined)
    .flatMap(([name, value]) =>
      value === true ? [`--${dashed(name)}`] : [`--${dashed(name)}`, `${value}`],
    )
}

function count(name, text) {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number
  throw new Error(`--${name} takes a number of at least 0, not '${text}'`)
}

const dashed = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())
