import type { Evidence, Finding, Rule } from './finding.ts'
import { notLocked } from './memory-rules.ts'
import { behind, died, overrun, readersFull, readersUnknown, skips } from './reader-rules.ts'
import { dropped, slotHeld, slotsFew } from './slot-rules.ts'
import { rateShort, sourceLost, writerGone, writerStalled, writerWaits } from './writer-rules.ts'

const RULES: readonly Rule[] = [
  ...[writerGone, writerStalled, rateShort, sourceLost],
  ...[dropped, overrun, behind, readersFull],
  ...[slotHeld, slotsFew, writerWaits, skips, died, readersUnknown, notLocked],
]

const RANKS: Readonly<Record<Finding['severity'], number>> = { fail: 0, warn: 1, info: 2 }

/**
 * What is wrong with a ring or may be, the worst first.
 *
 * ```ts
 * explain({ report: inspector.look(), moments: inspector.moments(), time: now() })
 * ```
 */
export function explain(evidence: Evidence): readonly Finding[] {
  // Figures of a ring that was cut off are zeros.
  const rules = evidence.report.state === 'damaged' ? [writerGone] : RULES
  return rules
    .flatMap((rule) => rule(evidence))
    .sort((a, b) => RANKS[a.severity] - RANKS[b.severity])
}
