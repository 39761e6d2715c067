import { stat } from 'node:fs/promises'
import {
  ffmpeg,
  images,
  npyStream,
  rawStream,
  type Source,
  testPattern,
  v4l2,
} from '../../sources/index.ts'
import { misused } from '../flags.ts'
import { formatOfSpec, fromTyped, specOfFlags } from '../format-flags.ts'
import type { PubFlags } from './flags.ts'

/** Flags that not every source takes. */
const SOME = {
  format: '--format',
  size: '--size',
  dtype: '--dtype',
  shape: '--shape',
  loop: '--loop',
  realtime: '--realtime',
  inputArgs: '--input-args',
} as const
type Some = keyof typeof SOME

interface Kind {
  /** how many inputs may stand behind the ring's name */
  readonly inputs: readonly [least: number, most: number]
  /** what they are */
  readonly what: string
  readonly takes: readonly Some[]
  open(inputs: readonly string[], flags: PubFlags, signal: AbortSignal): Promise<Source>
}

const KINDS: Readonly<Record<string, Kind>> = {
  pattern: {
    inputs: [0, 0],
    what: 'no input',
    takes: ['format', 'size', 'dtype', 'shape'],
    open: (_, flags) =>
      Promise.resolve(
        fromTyped(() =>
          testPattern({
            fps: flags.fps ?? 30,
            ...(flags.dtype === undefined
              ? { fourcc: flags.format, ...flags.size }
              : { dtype: flags.dtype, shape: flags.shape ?? [] }),
          }),
        ),
      ),
  },
  ffmpeg: {
    inputs: [1, 1],
    what: 'one input: a file, a URL, a device',
    takes: ['format', 'size', 'loop', 'realtime', 'inputArgs'],
    open: ([input = ''], flags, signal) =>
      ffmpeg({
        ...{ input, inputOptions: flags.inputArgs, fourcc: flags.format, fps: flags.fps },
        ...{ ...flags.size, realtime: flags.realtime, loop: flags.loop, signal },
      }),
  },
  camera: {
    inputs: [0, 1],
    what: 'one device at most, such as /dev/video0',
    takes: ['format', 'size'],
    open: ([device], { format: fourcc, fps, size }, signal) =>
      v4l2({ device, fourcc, fps, ...size, signal }),
  },
  pictures: {
    inputs: [1, Infinity],
    what: 'a folder, or picture files',
    takes: ['format', 'size', 'loop'],
    open: async (inputs, flags) =>
      images({
        ...((await isFolder(inputs)) ? { directory: inputs[0] } : { files: inputs }),
        // what is not one of them is refused there
        fourcc: flags.format as 'RGB3' | undefined,
        ...{ fps: flags.fps ?? 1, loop: flags.loop, ...flags.size },
      }),
  },
  stdin: {
    inputs: [0, 0],
    what: 'no input but stdin',
    takes: ['format', 'size', 'dtype', 'shape'],
    open: async (_, flags, signal) => {
      if (process.stdin.isTTY) {
        throw misused('stdin is a terminal; send frames through a pipe: … | framering pub …')
      }
      const { fps } = flags
      const spec = specOfFlags(flags)
      return spec === undefined
        ? npyStream({ stream: process.stdin, fps, signal })
        : rawStream({ stream: process.stdin, fps, ...spec })
    },
  },
}

/** What `--from` takes. */
export const SOURCES = Object.keys(KINDS)

/** The source that the command line asks for. Throws `OPTION_INVALID` where it makes no sense. */
export async function openSource(
  inputs: readonly string[],
  flags: PubFlags,
  signal: AbortSignal,
): Promise<Source> {
  const kind = KINDS[flags.from]!
  const [least, most] = kind.inputs
  if (inputs.length < least || inputs.length > most) {
    throw misused(`--from ${flags.from} takes ${kind.what}; got ${inputs.length || 'none'}`)
  }
  for (const flag of Object.keys(SOME) as Some[]) {
    if (flags[flag] === undefined || kind.takes.includes(flag)) continue
    const able = SOURCES.filter((name) => KINDS[name]!.takes.includes(flag))
    throw misused(`${SOME[flag]} goes with --from ${able.join(' or ')}, not with ${flags.from}`)
  }
  const { dtype, shape, size } = flags
  const whole = [dtype, shape, size].some((flag) => flag !== undefined)
  const spec = whole ? specOfFlags(flags) : undefined
  if (spec !== undefined) formatOfSpec(spec)
  return kind.open(inputs, flags, signal)
}

async function isFolder([path, ...more]: readonly string[]): Promise<boolean> {
  if (path === undefined || more.length > 0) return false
  // what is not there is said with its name when it is read
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}
