// What a process of a row used up: processor time, page faults, switches, collections.
import { PerformanceObserver, constants } from 'node:perf_hooks'

const MAJOR = constants.NODE_PERFORMANCE_GC_MAJOR
const collections = { minor: 0, major: 0 }

/**
 * Counts from here on.
 *
 * ```js
 * const usage = startUsage()
 * …
 * const { cpu, faults, gc, switches } = await usage()
 * ```
 *
 * cpu: seconds, user and system, of all threads. switches: voluntary, that is how often it slept.
 *
 * @returns {() => Promise<{ cpu: number, faults: { minor: number, major: number }, switches: number,
 *   gc: number, gcMajor: number, seconds: number }>}
 */
export function startUsage() {
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) {
      collections[detail.kind === MAJOR ? 'major' : 'minor'] += 1
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  const before = { ...collections }
  const first = process.resourceUsage()
  const started = performance.now()
  return async () => {
    const last = process.resourceUsage()
    const seconds = (performance.now() - started) / 1000
    // The observer is told in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 20))
    observer.disconnect()
    const { minor, major } = collections
    return {
      cpu: micros(last) - micros(first),
      faults: {
        minor: last.minorPageFault - first.minorPageFault,
        major: last.majorPageFault - first.majorPageFault,
      },
      switches: last.voluntaryContextSwitches - first.voluntaryContextSwitches,
      gc: minor + major - before.minor - before.major,
      gcMajor: major - before.major,
      seconds,
    }
  }
}

const micros = ({ userCPUTime, systemCPUTime }) => (userCPUTime + systemCPUTime) / 1e6
