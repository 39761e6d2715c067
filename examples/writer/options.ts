import { parseArgs } from 'node:util'
import { choiceFlag, numberFlag, usageError } from '../common/flags.ts'
import { type SourceArguments, SOURCES } from './open-source.ts'

const HELP = `Publishes frames into a ring until they end or Ctrl-C.

  --ring NAME          name of the ring                                   (demo)
  --source KIND        auto, pattern, ffmpeg, webcam or images            (auto)
                       auto: the camera /dev/video0 if there is one, the test pattern otherwise
  --input WHAT         ffmpeg: a file, rtsp://…, /dev/video1; webcam: a device; images: a folder
  --input-format F     ffmpeg: v4l2, lavfi, … where the input does not tell by itself
  --width, --height N  pixels; ffmpeg and images: scaled, their own size unless given  (640 × 480)
  --fps N              frames a second                                    (30; ffmpeg: as they come)
  --fourcc CODE        RGB3, GREY, YUYV, NV12, …                          (RGB3)
  --slots N            frames the ring has room for                       (8)
  --frames N           end after so many
  --loop               ffmpeg, images: begin again at the end
  --checksum           put a CRC-32 of its bytes into each frame's header, for reader --verify
  --wait-readers N     begin when so many readers have joined
  --json               each line as JSON; the last one has "done": true
`

export interface WriterArguments extends SourceArguments {
  readonly ring: string
  readonly slots: number
  readonly frames: number
  readonly checksum: boolean
  readonly waitReaders: number
  readonly json: boolean
}

/** What the command line says. Ends the process for --help and for what makes no sense. */
export function writerArguments(args: string[]): WriterArguments {
  const flags = parsed(args)
  if (flags.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const source = choiceFlag('source', flags.source, SOURCES)
  if (flags.input === undefined && (source === 'ffmpeg' || source === 'images')) {
    usageError(`--source ${source} needs --input`)
  }
  if (flags.input !== undefined && (source === 'auto' || source === 'pattern')) {
    usageError(`--input goes with --source ffmpeg, webcam or images`)
  }
  const width = numberFlag('width', flags.width)
  const height = numberFlag('height', flags.height)
  if ((width === undefined) !== (height === undefined)) {
    usageError('--width and --height go together')
  }
  return {
    ring: flags.ring,
    source,
    input: flags.input,
    inputFormat: flags['input-format'],
    width,
    height,
    fps: numberFlag('fps', flags.fps, { whole: false, least: 0.01 }),
    fourcc: flags.fourcc,
    slots: numberFlag('slots', flags.slots, { least: 2 }) ?? 8,
    frames: numberFlag('frames', flags.frames) ?? Infinity,
    loop: flags.loop,
    checksum: flags.checksum,
    waitReaders: numberFlag('wait-readers', flags['wait-readers']) ?? 0,
    json: flags.json,
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        ring: { type: 'string', default: 'demo' },
        source: { type: 'string', default: 'auto' },
        input: { type: 'string' },
        'input-format': { type: 'string' },
        width: { type: 'string' },
        height: { type: 'string' },
        fps: { type: 'string' },
        fourcc: { type: 'string', default: 'RGB3' },
        slots: { type: 'string' },
        frames: { type: 'string' },
        loop: { type: 'boolean', default: false },
        checksum: { type: 'boolean', default: false },
        'wait-readers': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    usageError((error as Error).message)
  }
}
