// A camera, a film or a test pattern for the Python demo's read.py: node build/examples/python-demo/write.js
import { parseArgs } from 'node:util'
import { everySecondUntil } from '../common/every-second.ts'
import { fail } from '../common/fail.ts'
import { choiceFlag, numberFlag, usageError } from '../common/flags.ts'
import { interruptSignal } from '../common/interrupt.ts'
import { openSource, SOURCES } from '../writer/open-source.ts'
import { FrameWriter } from './frame-writer.ts'

const HELP = `Writes frames as the Python demo's write.py does, for its read.py. Ctrl-C ends.

  --name NAME          of the shared memory and the semaphore             (frame)
  --source KIND        auto, pattern, ffmpeg, webcam or images            (auto)
  --input WHAT         ffmpeg: a file, /dev/video1; webcam: a device; images: a folder
  --width, --height N  pixels                                             (640 × 480)
  --fps N              frames a second
  --frames N           end after so many
`

async function main(): Promise<void> {
  const opened = await openSource(options, interrupted)
  await using source = opened.source
  const { height, width } = source.format
  using writer = new FrameWriter(flags.name)
  console.log(`'${flags.name}': ${opened.name}, ${width} × ${height}`)

  const complete = new AbortController()
  const pixels = new Uint8Array(source.format.bytes)
  let late = 0
  const loan = {
    data: pixels,
    slotless: false,
    publish: () => {
      const written = writer.add(pixels, [height, width, 3])
      if (!written) late += 1
      if (writer.count >= frames) complete.abort()
      return written ? writer.count : 0
    },
    abandon: () => undefined,
  }
  const pump = source.pump(
    { format: source.format, loan: () => loan },
    { signal: AbortSignal.any([interrupted, complete.signal]) },
  )
  await everySecondUntil(pump, () => {
    console.log(`${writer.count} frames${late > 0 ? `, ${late} dropped: the lock is held` : ''}`)
  })
  console.log(`${writer.count} frames written`)
}

function parsed() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        name: { type: 'string', default: 'frame' },
        source: { type: 'string', default: 'auto' },
        input: { type: 'string' },
        width: { type: 'string' },
        height: { type: 'string' },
        fps: { type: 'string' },
        frames: { type: 'string' },
      },
    }).values
  } catch (error) {
    usageError((error as Error).message)
  }
}

const flags = parsed()
if (flags.help) {
  process.stdout.write(HELP)
  process.exit(0)
}
const frames = numberFlag('frames', flags.frames) ?? Infinity
const options = {
  source: choiceFlag('source', flags.source, SOURCES),
  input: flags.input,
  inputFormat: undefined,
  width: numberFlag('width', flags.width),
  height: numberFlag('height', flags.height),
  fps: numberFlag('fps', flags.fps, { whole: false, least: 0.01 }),
  // As OpenCV has them.
  fourcc: 'BGR3',
  loop: false,
}
const interrupted = interruptSignal()
main().catch((error: unknown) => {
  if (!interrupted.aborted) fail(error)
})
