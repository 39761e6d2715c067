import type { FrameFormat } from '../format/index.ts'
import type { NativeInspection, NativeObjectFacts, NativeSlotFacts } from '../native/index.ts'
import { loadNative } from '../native/index.ts'
import { now } from '../ring/index.ts'
import { epochOf } from '../ring/epoch.ts'
import type { Moment } from './moment.ts'
import { momentsOf } from './moment.ts'
import { paceOfMoments } from './pace.ts'
import { processCommand } from './process-command.ts'
import type { ReaderReport } from './reader-report.ts'
import { readerReport } from './reader-report.ts'

/** One of a ring's two files. */
export interface ObjectReport {
  /** permission bits */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** memory it takes */
  readonly bytes: number
}

/** One slot of a ring. */
export interface SlotReport {
  readonly slot: number
  readonly state: 'empty' | 'frame' | 'writing'
  /** the frame in it, 0 = none */
  readonly sequence: number
  /** ms since that was published; null without a frame */
  readonly age: number | null
  /** who holds it, and for how many ms */
  readonly holders: readonly { readonly entry: number; readonly held: number }[]
}

/** One generation of a ring at one moment, as anybody can see it who may read it. */
export interface RingReport {
  readonly ring: string
  /**
   * `running`; `ended` by its writer; `moved` into larger slots; `dead`: its writer is gone without a
   * word, which the kernel says; `damaged`: somebody cut its memory off, and nothing else here is true
   */
  readonly state: 'running' | 'ended' | 'moved' | 'dead' | 'damaged'
  /** the name leads to it; false once it was removed, or another ring has the name */
  readonly named: boolean
  /** one pair of objects */
  readonly generation: number
  /** one writer's life on the ring */
  readonly session: number
  /** version of the layout */
  readonly layout: number
  /** ms since 1970 */
  readonly created: number
  readonly writer: {
    readonly pid: number
    readonly uid: number
    readonly alive: boolean
    readonly command: string
  }
  /** of the newest frame, or the first one to come; null where it is damaged */
  readonly format: FrameFormat | null
  /** what the writer gave with this format */
  readonly info: unknown
  /** rises with each format */
  readonly epoch: number
  readonly slots: readonly SlotReport[]
  /** bytes of a slot, whole pages */
  readonly slotBytes: number
  readonly maxReaders: number
  /** bytes of memory, both objects */
  readonly bytes: number
  readonly lockedBytes: number
  readonly data: ObjectReport
  /** null where it may not be read: then nothing is known of readers */
  readonly control: ObjectReport | null
  /** last sequence used up, by a frame or a drop */
  readonly sequence: number
  /** sequence of the newest frame, 0 = none in this generation */
  readonly newest: number
  /** ms since that was published; null without one */
  readonly age: number | null
  /** of this session; `published + dropped === sequence`, whenever the writer was killed */
  readonly published: number
  /** for want of a free slot */
  readonly dropped: number
  readonly sourceLost: number
  readonly abandoned: number
  /** readers woken */
  readonly bells: number
  /** reader entries taken back from the dead */
  readonly reclaimed: number
  /** ms the writer waited for `reliable` readers */
  readonly waited: number
  /**
   * frames per second of the last second, or of the last few frames where that says more; of a ring that
   * is over: at its end. null: fewer than two frames so far
   */
  readonly rate: number | null
  readonly readers: readonly ReaderReport[]
}

/** What a rate is made of at the most. */
const RATE_MOMENTS = 256

/** What is known of the generation that `native` looks at. */
export function ringReport(ring: string, native: NativeInspection): RingReport {
  const facts = native.ring()
  const { control, data } = facts
  const moment = now()
  const slots = native.slots().map((slot) => slotReport(slot, moment))
  const moments = momentsOf(native.moments(Math.max(0, facts.head - RATE_MOMENTS)))
  const newest = slots.find(({ sequence }) => sequence !== 0 && sequence === facts.latest)
  return {
    ring,
    state: stateOf(facts),
    named: facts.named,
    generation: facts.generation,
    session: facts.session,
    layout: facts.layout,
    created: facts.created,
    writer: {
      pid: facts.writerPid,
      uid: facts.writerUid,
      alive: facts.writerAlive,
      command: processCommand(facts.writerAlive ? facts.writerPid : 0, ''),
    },
    ...formatOf(native, facts.session, facts.epoch),
    epoch: facts.epoch,
    slots,
    slotBytes: facts.slotBytes,
    maxReaders: facts.maxReaders,
    bytes: loadNative().ringBytes(facts.slotBytes, facts.slotCount, facts.maxReaders),
    lockedBytes: facts.lockedBytes,
    data: objectReport(data),
    control: control.known ? objectReport(control) : null,
    sequence: facts.head,
    newest: facts.latest,
    age: newest?.age ?? null,
    published: facts.published,
    dropped: facts.dropped,
    sourceLost: facts.sourceLost,
    abandoned: facts.abandoned,
    bells: facts.bells,
    reclaimed: facts.reclaimed,
    waited: facts.waited,
    rate: rateOf(moments, facts.writerAlive ? moment : (moments.at(-1)?.time ?? moment)),
    readers: native.readers().map(readerReport),
  }
}

/** Of moments that end at `time`, or before: then nothing came since. */
function rateOf(moments: readonly Moment[], time: number): number | null {
  const recent = moments.filter((moment) => time - moment.time <= 1000)
  const chosen = recent.length >= 5 ? recent : moments.slice(-5)
  return paceOfMoments(chosen, time)?.rate ?? null
}

function stateOf(facts: ReturnType<NativeInspection['ring']>): RingReport['state'] {
  if (facts.truncated) return 'damaged'
  if (facts.state === 2) return 'ended'
  if (facts.state === 3) return 'moved'
  return facts.writerAlive ? 'running' : 'dead'
}

function formatOf(
  native: NativeInspection,
  session: number,
  epoch: number,
): Pick<RingReport, 'format' | 'info'> {
  try {
    const { format, descriptor } = native.format()
    const { format: found, info } = epochOf(epoch, session, format, descriptor)
    return { format: found, info: info ?? null }
  } catch {
    return { format: null, info: null }
  }
}

function objectReport({ mode, uid, gid, bytes }: NativeObjectFacts): ObjectReport {
  return { mode, uid, gid, bytes }
}

function slotReport(facts: NativeSlotFacts, time: number): SlotReport {
  const { slot, sequence, publishTime, holders } = facts
  const state = (['empty', 'frame', 'writing'] as const)[facts.state] ?? 'empty'
  return {
    slot,
    state,
    sequence,
    age: state === 'frame' ? Math.max(0, time - publishTime) : null,
    holders,
  }
}
