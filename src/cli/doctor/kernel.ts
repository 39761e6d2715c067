import { type Check, failing, fine, warning } from './finding.ts'

const CHECK = 'kernel'

/** What framering asks of a kernel: the release that brought it, and what is missing without. */
const NEEDS = [
  { release: [3, 15], what: 'locks that show who lives (F_OFD_SETLK)', status: 'fail' },
  {
    release: [5, 14],
    what: 'filling in pages at once (MADV_POPULATE_READ): the first frames are slower',
    status: 'warn',
  },
  {
    release: [5, 16],
    what: 'waiting for two things at once (futex_waitv): who waits for a semaphore looks again every 50 ms',
    status: 'warn',
  },
] as const

/** Whether the kernel has what framering uses. */
export const kernel: Check = ({ kernel: release, platform }) => {
  if (platform !== 'linux')
    return [failing(CHECK, `this is ${platform}`, 'run it on Linux, or in a Linux container')]
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  const lacks = NEEDS.filter(({ release: [a, b] }) => major < a || (major === a && minor < b))
  if (lacks.length === 0) return [fine(CHECK, `Linux ${release}`)]
  const summary = `Linux ${release} lacks ${lacks.map(({ what }) => what).join(', ')}`
  const fix = `a kernel of ${lacks.at(-1)!.release.join('.')} or later`
  return [lacks[0]!.status === 'fail' ? failing(CHECK, summary, fix) : warning(CHECK, summary, fix)]
}
