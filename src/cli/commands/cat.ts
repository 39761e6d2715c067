import { Command, Option } from 'commander'
import { convert } from '../../convert/index.ts'
import { FrameringError } from '../../errors/framering-error.ts'
import { fourccInfo, resolveFormat } from '../../format/index.ts'
import { npyHeader } from '../../ndarray/index.ts'
import { type Frame, type Lost, openReader, type Reader } from '../../ring/index.ts'
import { MAX_SLOTS } from '../../ring/slots-for.ts'
import { encodeNpyParts } from '../../sinks/npy-parts.ts'
import type { CommonFlags } from '../flags.ts'
import { examples, misused, wholeNumber, withDirectory, withJson } from '../flags.ts'
import { FOURCC_NAMES } from '../format-flags.ts'
import { sayFormat } from '../frame-format.ts'
import type { Io } from '../io.ts'
import { printableJson } from '../../inspect/printable.ts'
import { counted } from '../units.ts'

interface Flags extends CommonFlags {
  readonly count?: number
  readonly npy?: true
  readonly convert?: string
  readonly latest?: true
  readonly observe?: true
}

/** `framering cat`: the frames of a ring on stdout, at the pace of whoever reads them there. */
export function command(io: Io): Command {
  const cat = new Command('cat')
    .description(
      'Write the frames of a ring to stdout, one after the other, without anything between them. A pipe ' +
        'that is slower than the ring makes this reader lose frames, and nobody else.',
    )
    .argument('<ring>', 'name of the ring')
    .option(
      '--count <n>',
      'ends after so many frames',
      wholeNumber('count', 1, Number.MAX_SAFE_INTEGER),
    )
    .option('--npy', 'each frame as a .npy file, with dtype and shape')
    .addOption(
      new Option('--convert <fourcc>', 'pictures in this format: RGB3, GREY, MJPG, …').choices(
        FOURCC_NAMES,
      ),
    )
    .option('--latest', 'always the newest frame, instead of each in order')
    .option('--observe', 'copies without joining the ring: for those who may read it and no more')
  withJson(cat, 'the summary on stderr as JSON')
  return withDirectory(cat)
    .addHelpText(
      'after',
      examples(
        ['framering cat front --count 1 > frame.rgb', 'one frame'],
        [
          'framering cat front | ffmpeg -f rawvideo -pix_fmt rgb24 -s 640x480 -r 30 -i - front.mp4',
          'a film',
        ],
        ['framering cat depth --npy --count 9 > depth.npy', 'for numpy.load, nine times'],
        ['framering cat cam --convert MJPG --latest | ffplay -f mjpeg -', 'look at a camera'],
      ),
    )
    .action((ring: string, flags: Flags) => write(io, ring, flags))
}

async function write(io: Io, ring: string, flags: Flags): Promise<void> {
  if (io.isTTY) {
    throw misused('stdout is a terminal; send frames to a pipe or a file: framering cat … | …')
  }
  const { count = Infinity, directory, observe, latest } = flags
  const delivery = latest ? 'latest' : 'every'
  using reader = openReader(ring, {
    ...{ delivery, directory, observe, maxLeases: 1 },
  })
  const same = new SameFormat(flags)
  const start = performance.now()
  let frames = 0
  let bytes = 0
  try {
    while (frames < count) {
      // The reader outlives the signal: at the end it tells what was not written.
      using frame = await reader.next({ signal: io.signal })
      if (frame === null) break
      if (flags.npy !== true) same.check(frame)
      for (const part of await partsOf(frame, flags)) {
        await io.bytes(part)
        if (io.signal.aborted) return
        bytes += part.length
      }
      frames++
    }
  } catch (error) {
    if (!io.signal.aborted) throw error
  } finally {
    const seconds = Math.round(performance.now() - start) / 1000
    if (io.signal.aborted) takeRest(reader)
    const { received, gaps: missed, lost } = reader.stats()
    const waiting = received - frames
    if (flags.json) io.note(printableJson({ ring, frames, bytes, seconds, missed, waiting, lost }))
    else {
      const got = `${counted(frames, 'frame')} in ${seconds.toFixed(1)} s`
      const rest = waiting === 0 ? '' : `, ${waiting} waiting`
      io.note(`${ring}: ${got}${sayMissed(missed, lost)}${rest}`)
    }
  }
}

/** Takes what is there without looking at it: a reader counts what was lost when it takes the next. */
function takeRest(reader: Reader): void {
  try {
    // Of a ring that is faster than this there is always one more.
    for (let i = 0; i < MAX_SLOTS; i++) {
      using frame = reader.tryNext()
      if (frame === null) return
    }
  } catch {
    // What a dead writer left is not counted.
  }
}

/** What goes out for one frame. */
async function partsOf(frame: Frame, { npy, convert: to }: Flags): Promise<readonly Uint8Array[]> {
  if (to === undefined) return npy ? encodeNpyParts(frame.array) : [frame.data]
  const { data, fourcc, width, height } = await convert(frame, { to })
  if (!npy) return [data]
  const opaque = fourccInfo(fourcc)?.opaque === true
  const { dtype, shape } = resolveFormat({ format: { fourcc, width, height } })
  return [npyHeader(dtype, opaque ? [data.length] : shape), data]
}

/** Raw bytes do not say what they are: those of another format would be taken for the first one's. */
class SameFormat {
  readonly #to: string | undefined
  #first: string | undefined

  constructor({ convert: to }: Flags) {
    this.#to = to
  }

  check({ format }: Frame): void {
    const is = this.#to === undefined ? sayFormat(format) : `${format.width} × ${format.height}`
    this.#first ??= is
    if (is === this.#first) return
    throw new FrameringError(
      'FORMAT_INVALID',
      `the ring changed from ${this.#first} to ${is}, and raw bytes do not tell; start again, or use --npy`,
    )
  }
}

function sayMissed(missed: number, lost: Lost): string {
  if (missed === 0) return ', none missed'
  const causes = CAUSES.filter(([cause]) => lost[cause] > 0)
  return `, ${missed} missed (${causes.map(([cause, words]) => `${lost[cause]} ${words}`).join(', ')})`
}

const CAUSES = [
  ['overrun', 'overwritten while the pipe was slow'],
  ['skipped', 'passed over for a newer one'],
  ['noSlot', 'dropped by the writer'],
  ['restart', 'left behind at a restart'],
] as const
