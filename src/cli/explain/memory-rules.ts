import { bytesText } from '../units.ts'
import type { Rule } from './finding.ts'

/** Memory that may be swapped out. */
export const notLocked: Rule = ({ report }) => {
  const { state, bytes, lockedBytes } = report
  if (state !== 'running' || lockedBytes >= bytes) return []
  const limit = `raise the writer's limit: ulimit -l ${Math.ceil(bytes / 1024)}, LimitMEMLOCK=${bytes}, or docker run --ulimit memlock=${bytes}`
  return [
    {
      code: 'NOT_LOCKED',
      severity: 'info',
      text: `${bytesText(bytes - lockedBytes)} of the ring's ${bytesText(bytes)} are not locked: where memory is short they are swapped out, and frames come late`,
      figures: { bytes, lockedBytes },
      // A writer that was told to lock nothing looks like one that may lock nothing.
      remedy:
        lockedBytes > 0
          ? limit
          : `if the writer has memoryLock: 'none' (pub --lock none), give it 'try'; otherwise ${limit}`,
    },
  ]
}
