import { printable, type ReaderReport, type RingReport } from '../inspect/index.ts'
import type { ObjectReport, SlotReport } from '../inspect/index.ts'
import type { Io } from './io.ts'
import { type Column, table } from './table.ts'
import { bytesText, counted } from './units.ts'
import { durationText, fixed, formatText, processText, UNKNOWN } from './watch/figures.ts'
import { spreadOfLatency } from './watch/quantiles.ts'

/** All that is known of a ring, for people. */
export function infoLines(report: RingReport, io: Pick<Io, 'style'>): readonly string[] {
  const heading = (text: string): string[] => ['', io.style('bold', text)]
  return [
    io.style('bold', `Ring ${report.ring}: ${report.state}`),
    ...table([{ head: '' }, { head: '' }], facts(report)).slice(1),
    ...heading('Slots'),
    ...slotLines(report),
    ...heading('Readers'),
    ...readerLines(report),
  ]
}

function facts(report: RingReport): readonly (readonly string[])[] {
  const { writer, epoch, session, generation, created, layout, info } = report
  const { slots, slotBytes, bytes, lockedBytes, maxReaders, data, control } = report
  return [
    [
      '  writer',
      `${processText(writer.pid, writer.command)}, user ${writer.uid}${writer.alive ? '' : ', gone'}`,
    ],
    ['  format', formatLine(report)],
    ...(info === null ? [] : [['  info', printable(JSON.stringify(info))]]),
    ['  frames', framesLine(report)],
    ['  losses', lossesLine(report)],
    [
      '  memory',
      `${bytesText(bytes)}: ${counted(slots.length, 'slot')} of ${bytesText(slotBytes)}, ${counted(maxReaders, 'reader')} at most`,
    ],
    ['  locked', lockedBytes >= bytes ? 'all of it' : `${bytesText(lockedBytes)} of it`],
    ['  data', objectText(data)],
    [
      '  control',
      control === null ? 'may not be read: nothing is known of readers' : objectText(control),
    ],
    ['  session', `${session}, epoch ${epoch}`],
    ['  generation', `${generation}, made ${timeText(created)}`],
    ['  layout', `version ${layout}`],
  ]
}

function formatLine({ format }: RingReport): string {
  if (format === null) return 'damaged'
  const { dtype, shape, bytes, fourcc } = format
  const array = fourcc === '' ? '' : `, ${dtype} [${shape.join(', ')}]`
  return `${formatText(format)}${array}, ${bytes} bytes a frame`
}

function framesLine({ published, newest, age, rate }: RingReport): string {
  const last = newest === 0 ? 'none is there' : `the newest, ${newest}, ${durationText(age)} old`
  const pace = rate === null ? '' : `; ${fixed(rate, 2)} a second`
  return `${published} published; ${last}${pace}`
}

function lossesLine(report: RingReport): string {
  const { dropped, sourceLost, abandoned, waited, reclaimed } = report
  return [
    `${dropped} dropped for want of a slot`,
    `${sourceLost} lost by the source`,
    `${counted(abandoned, 'loan')} given back`,
    `${durationText(waited)} waited for readers`,
    `${counted(reclaimed, 'entry').replace(/ys$/, 'ies')} taken back from the dead`,
  ].join(', ')
}

function objectText({ mode, uid, gid, bytes }: ObjectReport): string {
  return `mode ${mode.toString(8).padStart(4, '0')}, user ${uid}, group ${gid}, ${bytesText(bytes)}`
}

/** The writer's word, and so any number. */
function timeText(ms: number): string {
  const time = new Date(ms)
  return Number.isNaN(time.getTime()) ? UNKNOWN : time.toISOString()
}

const SLOT_COLUMNS: readonly Column[] = [
  { head: '  SLOT', right: true },
  { head: 'STATE' },
  { head: 'FRAME', right: true },
  { head: 'AGE', right: true },
  { head: 'HELD BY' },
]

function slotLines({ slots, readers }: RingReport): readonly string[] {
  const holder = ({ entry, held }: SlotReport['holders'][number]): string => {
    const reader = readers.find((one) => one.entry === entry)
    return `${reader === undefined ? `entry ${entry}` : processText(reader.pid, reader.command)} for ${durationText(held)}`
  }
  return table(
    SLOT_COLUMNS,
    slots.map(({ slot, state, sequence, age, holders }) => [
      `${slot}`,
      state,
      sequence === 0 ? UNKNOWN : `${sequence}`,
      durationText(age),
      holders.map(holder).join('; '),
    ]),
  )
}

const READER_COLUMNS: readonly Column[] = [
  { head: '  READER' },
  { head: 'DELIVERY' },
  { head: 'LEASES', right: true },
  { head: 'LAG', right: true },
  { head: 'RECEIVED', right: true },
  { head: 'NO SLOT', right: true },
  { head: 'OVERRUN', right: true },
  { head: 'SKIPPED', right: true },
  { head: 'RESTART', right: true },
  { head: 'SOURCE', right: true },
  { head: 'P50', right: true },
  { head: 'P99', right: true },
  { head: 'COST' },
]

function readerLines({ readers, control }: RingReport): readonly string[] {
  if (control === null) return ['  unknown: the control object may not be read']
  if (readers.length === 0) return ['  none yet']
  return table(READER_COLUMNS, readers.map(readerCells))
}

function readerCells(reader: ReaderReport): readonly string[] {
  const { pid, command, delivery, alive, leases, maxLeases, lag, received, lost, held } = reader
  const { p50, p99 } = spreadOfLatency(reader.latency)
  return [
    `  ${processText(pid, command)}`,
    alive ? (delivery ?? UNKNOWN) : delivery === null ? 'left' : 'died',
    `${leases}/${maxLeases}`,
    `${lag}`,
    `${received}`,
    `${lost.noSlot}`,
    `${lost.overrun}`,
    `${lost.skipped}`,
    `${lost.restart}`,
    `${lost.source}`,
    durationText(p50),
    durationText(p99),
    held.drops === 0
      ? ''
      : `${counted(held.drops, 'drop')}, slot ${held.slot} for ${durationText(held.longest)}`,
  ]
}
