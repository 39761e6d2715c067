// What a row prints: one line of JSON, or why it cannot be run here.
import { summarise } from './summary.mjs'

/**
 * A row's line out of what its two sides said.
 *
 * @param {import('./flags.mjs').Flags} flags
 * @param {{ name: string, blocking: boolean, samples: number[], writer?: object, reader?: object,
 *   versions?: object, notes?: string }} found `writer`, `reader`: what `startUsage` gave there.
 *   Anything else is added as it is.
 */
export function rowLine(flags, { name, blocking, samples, writer, reader, ...rest }) {
  const sides = Object.entries({ writer, reader }).filter(([, side]) => side !== undefined)
  const each = (key) => Object.fromEntries(sides.map(([side, usage]) => [side, usage[key]]))
  return {
    name,
    workload: flags.workload,
    bytes: flags.bytes,
    rate: flags.rate,
    readers: flags.readers,
    in_place: flags.inPlace,
    blocking,
    ns: summarise(samples),
    cpu: each('cpu'),
    seconds: Math.max(...sides.map(([, usage]) => usage.seconds), 0),
    faults: each('faults'),
    gc: each('gc'),
    gc_major: each('gcMajor'),
    switches: each('switches'),
    ...rest,
  }
}

/**
 * Runs a row's `main` and prints its line. A failure is told on standard error, with exit code 1.
 *
 * @param {() => Promise<object>} main
 */
export async function runRow(main) {
  try {
    console.log(JSON.stringify(await main()))
    process.exit(0)
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}
