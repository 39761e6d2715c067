import { clearLine, cursorTo } from 'node:readline'
import { Command, Option } from 'commander'
import { filter, fromEvent, lastValueFrom, take, takeUntil, tap } from 'rxjs'
import { specOf } from '../../format/index.ts'
import { createWriter, type Writer } from '../../ring/index.ts'
import { parseArgsStringToArgv } from 'string-argv'
import type { Source } from '../../sources/index.ts'
import { examples, number, withDirectory, withJson } from '../flags.ts'
import type { Io } from '../io.ts'
import { withFormatFlags } from '../format-flags.ts'
import { type PubFlags, withRingFlags } from '../pub/flags.ts'
import { openSource, SOURCES } from '../pub/open-source.ts'
import { formatRecord, sayFormat } from '../frame-format.ts'
import { ProgressCount, sayProgress } from '../pub/progress.ts'
import { bytesText } from '../units.ts'

const TICK = 1000 // ms between two statuses

/** `framering pub`: makes a ring, and fills it from a source until that ends or Ctrl-C. */
export function command(io: Io): Command {
  const pub = new Command('pub')
    .description(
      'Make a ring and publish frames into it: a test pattern, what ffmpeg reads, a camera, picture ' +
        'files, or frames from stdin. The ring goes when this ends.',
    )
    .argument('<name>', 'of the ring')
    .argument('[file...]', 'what the source reads: an input of ffmpeg, a device, pictures')
    .addOption(
      new Option('--from <source>', 'where frames come from').choices(SOURCES).default('pattern'),
    )
  withFormatFlags(pub)
    .option('--fps <n>', 'frames a second', number('fps', 0.001, 'frames a second'))
    .option('--loop', 'ffmpeg, pictures: begin again at the end')
    .option('--realtime', 'ffmpeg: read a file at its own speed')
    .option('--input-args <args>', 'ffmpeg: arguments before -i, in one string', (text: string) =>
      parseArgsStringToArgv(text),
    )
  withRingFlags(pub)
  withJson(pub, 'the ring, its state each second and a summary, one JSON object a line')
  return withDirectory(pub)
    .addHelpText(
      'after',
      examples(
        ['framering pub test', 'a test pattern, 640x480 at 30 fps'],
        ['framering pub test --size 1920x1080 --format NV12 --fps 60', 'another one'],
        ['framering pub cam --from camera /dev/video0 --fps 30', 'a camera'],
        ['framering pub film --from ffmpeg film.mp4 --realtime --loop', 'a film'],
        ['framering pub slides --from pictures *.png --fps 2', 'pictures'],
        ['framering cat a | framering pub b --from stdin --size 640x480', 'what a pipe brings'],
        ['framering cat a --npy | framering pub b --from stdin', 'arrays, which say what they are'],
      ),
    )
    .action((ring: string, inputs: string[], flags: PubFlags) => publish(io, ring, inputs, flags))
}

async function publish(
  io: Io,
  ring: string,
  inputs: readonly string[],
  flags: PubFlags,
): Promise<void> {
  await using source = await openSource(inputs, flags, io.signal)
  const { slots, readers: maxReaders, mode, lock: memoryLock, directory } = flags
  const more = { slots, maxReaders, mode, memoryLock, directory }
  const writer = createWriter(ring, { ...specOf(source.format), ...more })
  try {
    await fill(io, source, writer, flags)
  } finally {
    // A source may still be in a slot until its pump has ended.
    await source[Symbol.asyncDispose]()
    writer.close()
  }
}

async function fill(io: Io, source: Source, writer: Writer, flags: PubFlags): Promise<void> {
  const { json, count = Infinity, duration } = flags
  const progress = new ProgressCount(writer)
  const line = new StatusLine()
  const { format, name, locked } = writer
  const { slots, bytes } = writer.stats()
  if (json) {
    await io.json({ type: 'ring', ring: name, ...formatRecord(format), slots, bytes, locked })
  } else {
    const size = `${slots} slots, ${bytesText(bytes)}`
    io.note(`ring ${name}: ${sayFormat(format)}, ${size}; Ctrl-C ends`)
  }

  let telling: Promise<void> | undefined
  const tick = setInterval(() => {
    const status = progress.status()
    if (!json) line.show(`${name}: ${sayProgress(status)}`)
    // A pipe that nobody empties gets fewer lines, and no longer ones.
    else telling ??= io.json(status).finally(() => (telling = undefined))
  }, TICK)
  try {
    const end = endOf(io.signal, duration)
    if (!end.aborted) {
      await lastValueFrom(
        source.into(writer).pipe(
          tap((frame) => {
            progress.count(frame)
          }),
          filter(({ sequence }) => sequence > 0),
          take(count),
          takeUntil(fromEvent(end, 'abort')),
        ),
        { defaultValue: undefined },
      )
    }
  } finally {
    clearInterval(tick)
    line.clear()
  }
  const summary = progress.summary()
  if (json) await io.summary(summary)
  else io.note(`${name}: ${sayProgress(summary)}`)
}

function endOf(signal: AbortSignal, duration: number | undefined): AbortSignal {
  if (duration === undefined) return signal
  return AbortSignal.any([signal, AbortSignal.timeout(duration * 1000)])
}

/** One line of the terminal's stderr, written over and over; nothing where that is no terminal. */
class StatusLine {
  show(text: string): void {
    if (!process.stderr.isTTY) return
    this.clear()
    process.stderr.write(text.slice(0, (process.stderr.columns || 80) - 1))
  }

  clear(): void {
    if (!process.stderr.isTTY) return
    cursorTo(process.stderr, 0)
    clearLine(process.stderr, 0)
  }
}
