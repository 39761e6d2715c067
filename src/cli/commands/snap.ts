import { stat } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { FrameringError } from '../../errors/framering-error.ts'
import { type Frame, openReader } from '../../ring/index.ts'
import { snapshot, type SnapshotFormat } from '../../sinks/index.ts'
import { recordOf } from '../../sinks/frame-record.ts'
import type { CommonFlags } from '../flags.ts'
import { examples, misused, number, wholeNumber, withDirectory, withJson } from '../flags.ts'
import { formatRecord, sayFormat } from '../frame-format.ts'
import type { Io } from '../io.ts'
import { printable } from '../../inspect/printable.ts'
import { bytesText } from '../units.ts'

const STDOUT = '-'

interface Flags extends CommonFlags {
  readonly as?: SnapshotFormat
  readonly quality?: number
  readonly timeout: number
}

/** `framering snap`: the newest frame as a file. */
export function command(io: Io): Command {
  const snap = new Command('snap')
    .description(
      'Save the newest frame of a ring, with where and when it was taken: as a picture in its EXIF, ' +
        'beside a .npy as .npy.json. The ring does not notice.',
    )
    .argument('<ring>', 'name of the ring')
    .argument('[file]', 'ends in .png, .jpg, .webp or .npy; - is stdout (RING.png)')
    .addOption(
      new Option('--as <format>', 'with -: what to write (png)').choices([
        ...['png', 'jpeg', 'webp', 'npy'],
      ]),
    )
    .option('--quality <n>', 'of jpeg and webp, 1 to 100 (80)', wholeNumber('quality', 1, 100))
    .option(
      '--timeout <s>',
      'how long to wait for a frame where there is none yet',
      number('timeout', 0, 'seconds'),
      5,
    )
  withJson(snap, 'what was saved as a line of JSON')
  return withDirectory(snap)
    .addHelpText(
      'after',
      examples(
        ['framering snap front', 'front.png'],
        ['framering snap front /tmp/now.jpg --quality 90', 'a JPEG'],
        ['framering snap depth depth.npy', 'all values, for numpy.load'],
        ['framering snap front - --as webp | wc -c', 'to a pipe'],
      ),
    )
    .action((ring: string, file: string | undefined, flags: Flags) => {
      return save(io, ring, file ?? `${ring}.png`, flags)
    })
}

async function save(io: Io, ring: string, file: string, flags: Flags): Promise<void> {
  const { as, quality, timeout, directory, json } = flags
  if (as !== undefined && file !== STDOUT) {
    throw misused(`--as goes with - for stdout; the ending of ${file} says what it becomes`)
  }
  if (file === STDOUT && json) throw misused('--json and the picture cannot both go to stdout')
  if (file === STDOUT && io.isTTY) {
    throw misused('stdout is a terminal; send the picture to a pipe, or give the name of a file')
  }
  const { signal } = io
  // Without joining: the writer need not know of a reader that takes one frame.
  using reader = openReader(ring, { observe: true, directory, signal })
  using frame = await reader.next({ timeout: timeout * 1000, signal })
  if (frame === null) throw none(ring, reader.ended, timeout)
  if (file === STDOUT) {
    await io.bytes(await snapshot(frame, as ?? 'png', { quality, signal }))
    return
  }
  await snapshot(frame, file, { quality, signal })
  const { size: bytes } = await stat(file)
  if (json) await io.json({ file, bytes, ...recordFor(frame) })
  else {
    const what = `${sayFormat(frame.format)}, frame ${frame.sequence}`
    await io.line(printable(`${file}: ${what}, ${bytesText(bytes)}`))
  }
}

/** What a file says of its frame, with null for what is unknown. */
function recordFor(frame: Frame): object {
  const { format, captured, published, pts, timeBase, info, ...rest } = recordOf(frame)
  return {
    ...{ ...rest, ...formatRecord(format) },
    ...{ captured: captured ?? null, published: published ?? null },
    ...{ pts: pts ?? null, timeBase: timeBase ?? null, info: info ?? null },
  }
}

function none(ring: string, ended: boolean, timeout: number): FrameringError {
  if (ended) {
    return new FrameringError(
      'NOT_FOUND',
      `ring '${ring}' ended before it had a frame; start its writer again`,
    )
  }
  return new FrameringError(
    'TIMED_OUT',
    `ring '${ring}' had no frame in ${timeout} s; is its source running? --timeout waits longer`,
  )
}
