// Reads what the Python demo's write.py writes: node build/examples/python-demo/read.js
import { writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { crc32 } from 'node:zlib'
import { everySecondUntil } from '../common/every-second.ts'
import { fail } from '../common/fail.ts'
import { numberFlag, usageError } from '../common/flags.ts'
import { interruptSignal } from '../common/interrupt.ts'
import { type DemoFrame, FrameReader } from './frame-reader.ts'

const HELP = `Reads frames that the Python demo's write.py writes. Ctrl-C ends.

  --name NAME       of the shared memory and the semaphore                (frame)
  --fps N           looks a second: the protocol has nothing that wakes a reader  (50)
  --frames N        end after so many
  --snapshot FILE   write the last one to a PNG
  --json            one line of JSON a frame: its number, shape and CRC-32
`

async function main(): Promise<void> {
  using reader = new FrameReader(flags.name)
  let seen = 0
  let lost = 0
  let last: DemoFrame | undefined

  async function follow(): Promise<void> {
    while (!interrupted.aborted && seen < frames) {
      const frame = await reader.read()
      if (frame === undefined) {
        await setTimeout(1000 / fps, undefined, { signal: interrupted })
        continue
      }
      if (last !== undefined && frame.count > last.count) lost += frame.count - last.count - 1
      seen += 1
      last = frame
      if (flags.json) tell(frame)
    }
  }

  await everySecondUntil(
    follow().catch((error: unknown) => {
      if (!interrupted.aborted) throw error
    }),
    () => {
      if (!flags.json) console.log(`${seen} frames, ${lost} missed`)
    },
  )
  if (last !== undefined && flags.snapshot !== undefined) await snapshot(last, flags.snapshot)
  if (!flags.json) console.log(`${seen} frames read, ${lost} missed`)
}

function tell({ array, count }: DemoFrame): void {
  console.log(JSON.stringify({ count, shape: array.shape, crc32: crc32(array.data) }))
}

/** OpenCV's blue, green, red into a PNG's red, green, blue. */
async function snapshot({ array }: DemoFrame, file: string): Promise<void> {
  const [height, width] = array.shape as [number, number, number]
  const rgb = array.slice(null, null, [null, null, -1]).copy()
  const png = await sharp(rgb.data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
  await writeFile(file, png)
  console.error(`the last frame is in ${file}`)
}

function parsed() {
  try {
    return parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        name: { type: 'string', default: 'frame' },
        fps: { type: 'string' },
        frames: { type: 'string' },
        snapshot: { type: 'string' },
        json: { type: 'boolean', default: false },
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
const fps = numberFlag('fps', flags.fps, { whole: false, least: 0.01 }) ?? 50
const interrupted = interruptSignal()
main().catch((error: unknown) => {
  if (!interrupted.aborted) fail(error)
})
