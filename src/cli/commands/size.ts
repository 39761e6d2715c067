import { Command } from 'commander'
import type { FormatSpec } from '../../format/index.ts'
import { MAX_READERS, MAX_SLOTS, MIN_SLOTS } from '../../ring/slots-for.ts'
import { ringBytes, slotsFor } from '../../ring/index.ts'
import { type CommonFlags, examples, misused, wholeNumber, withJson } from '../flags.ts'
import { type FormatFlags, formatOfSpec, specOfFlags, withFormatFlags } from '../format-flags.ts'
import type { Io } from '../io.ts'
import { sayFormat } from '../frame-format.ts'
import { table } from '../table.ts'
import { bytesText, dockerSize, kubernetesSize } from '../units.ts'

interface Flags extends CommonFlags, FormatFlags {
  readonly bytes?: number
  readonly slots?: number
  readonly readers?: number
  readonly leases?: number
  readonly loans?: number
  readonly history?: number
  readonly maxReaders?: number
  readonly rings: number
}

/** What `createWriter` takes for `slots` unless it is said. */
const USUAL_SLOTS = 8
/** For lock files, doorbells and what else is there: a handful of pages each. */
const MARGIN = 2 ** 20

/** `framering size`: what a ring takes, and how much shared memory to ask for. */
export function command(io: Io): Command {
  const size = new Command('size').description(
    'Work out what rings take: slots from readers and leases, bytes from format and slots, and the ' +
      'shared memory to ask Docker or Kubernetes for. Nothing is created.',
  )
  withFormatFlags(size)
    .option(
      '--bytes <n>',
      'of a frame: alone, or the longest of a compressed format',
      whole('bytes', 1),
    )
    .option('--slots <n>', `slots (${USUAL_SLOTS})`, wholeNumber('slots', MIN_SLOTS, MAX_SLOTS))
    .option(
      '--readers <n>',
      'instead of --slots: as many as never drop a frame for so many readers',
      wholeNumber('readers', 0, MAX_READERS),
    )
    .option('--leases <n>', 'frames each of them holds at the same time (2)', whole('leases'))
    .option('--loans <n>', 'frames the writer fills at the same time (1)', whole('loans'))
    .option(
      '--history <n>',
      'older frames kept for late joiners and slow readers (0)',
      whole('history'),
    )
    .option(
      '--max-readers <n>',
      'entries for readers (32)',
      wholeNumber('max-readers', 1, MAX_READERS),
    )
    .option('--rings <n>', 'of this kind', wholeNumber('rings', 1, 10_000), 1)
  return withJson(size, 'one line of JSON')
    .addHelpText(
      'after',
      examples(
        ['framering size --format RGB3 --size 1920x1080', 'with the usual 8 slots'],
        [
          'framering size --format NV12 --size 3840x2160 --readers 5 --leases 2',
          'and slots from that',
        ],
        ['framering size --readers 10 --leases 1', 'only how many slots'],
        [
          'docker run --shm-size=$(framering size --bytes 2000000 --json | jq .shmBytes) …',
          'in a script',
        ],
      ),
    )
    .action((flags: Flags) => answer(io, flags))
}

function whole(flag: string, least = 0): (text: string) => number {
  return wholeNumber(flag, least, Number.MAX_SAFE_INTEGER)
}

async function answer(io: Io, flags: Flags): Promise<void> {
  const slots = slotsOf(flags)
  const { rings, json } = flags
  const spec = specOf(flags)
  if (spec === undefined) {
    if (json) await io.json({ ...NOTHING, slots, rings })
    else
      await io.line(
        `${slots} slots. How many bytes that is depends on --format and --size, or --bytes`,
      )
    return
  }
  const format = formatOfSpec(spec)
  const bytes = ringBytes({ ...spec, slots, maxReaders: flags.maxReaders })
  const total = bytes * rings
  const shm = Math.ceil((total + MARGIN) / MARGIN) * MARGIN
  if (json) {
    const figures = { frameBytes: format.bytes, ringBytes: bytes, totalBytes: total, shmBytes: shm }
    await io.json({ ...NOTHING, slots, rings, ...figures, memlockBytes: total })
    return
  }
  const lines = table(
    [{ head: '' }, { head: '', right: true }, { head: '' }],
    [
      ['frame', bytesText(format.bytes), sayFormat(format)],
      ['slots', String(slots), ''],
      ['ring', bytesText(bytes), `${bytes} bytes`],
      ...(rings > 1 ? [[`${rings} rings`, bytesText(total), `${total} bytes`]] : []),
    ],
  )
  for (const line of lines.slice(1)) await io.line(line)
  await io.line('')
  await io.line(`Docker      --shm-size=${dockerSize(shm)} --ulimit memlock=${total}`)
  await io.line(
    `Kubernetes  an emptyDir {medium: Memory, sizeLimit: ${kubernetesSize(shm)}} mounted at /dev/shm`,
  )
}

const NOTHING = {
  frameBytes: null,
  slots: 0,
  rings: 0,
  ringBytes: null,
  totalBytes: null,
  shmBytes: null,
  memlockBytes: null,
}

function specOf(flags: Flags): FormatSpec | undefined {
  const { bytes } = flags
  const spec = specOfFlags(flags, bytes)
  if (spec !== undefined && 'dtype' in spec && bytes !== undefined) {
    throw misused('--bytes goes without --dtype and --shape, which say it')
  }
  return spec ?? (bytes === undefined ? undefined : { dtype: 'uint8', shape: [bytes] })
}

function slotsOf({ slots, readers, leases, loans, history }: Flags): number {
  if ([readers, leases, loans, history].every((count) => count === undefined)) {
    return slots ?? USUAL_SLOTS
  }
  if (slots !== undefined) throw misused('--slots goes without --readers and what they hold')
  return slotsFor({ readers: readers ?? 1, leases: leases ?? 2, loans, history })
}
