import { existsSync, statSync } from 'node:fs'
import { ffmpeg, type FfmpegOptions, images, nodeWebcam, type Source } from 'framering/sources'
import { testPattern } from 'framering/sources'

const CAMERA = '/dev/video0'

export const SOURCES = ['auto', 'pattern', 'ffmpeg', 'webcam', 'images'] as const

/** What the command line says of the source. */
export interface SourceArguments {
  readonly source: (typeof SOURCES)[number]
  readonly input: string | undefined
  readonly inputFormat: string | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  readonly fps: number | undefined
  readonly fourcc: string
  readonly loop: boolean
}

export interface OpenedSource {
  /** what was chosen, in words */
  readonly name: string
  readonly source: Source
  /** true: every byte of a frame can be told from its sequence */
  readonly isPattern: boolean
}

/** Where the frames come from, as the command line says. */
export async function openSource(
  args: SourceArguments,
  signal: AbortSignal,
): Promise<OpenedSource> {
  const { input = CAMERA, loop, fps } = args
  switch (args.source) {
    case 'auto':
      return (await camera(args, signal)) ?? pattern(args)
    case 'pattern':
      return pattern(args)
    case 'ffmpeg':
      return video(`ffmpeg ${input}`, await ffmpeg({ ...ffmpegOptions(args, input), signal }))
    case 'images': {
      const from = isFile(input) ? { files: [input] } : { directory: input }
      return video(input, await images({ ...from, fps: fps ?? 30, loop, ...size(args) }))
    }
    case 'webcam':
      return video(
        `node-webcam ${input}`,
        await nodeWebcam({ device: input, ...size(args), ...(fps === undefined ? {} : { fps }) }),
      )
  }
}

function pattern({ fps = 30, width = 640, height = 480, fourcc }: SourceArguments): OpenedSource {
  const source = testPattern({ width, height, fourcc, fps })
  return { name: 'test pattern', source, isPattern: true }
}

/** The first camera; undefined where there is none, or none that can be read. */
async function camera(
  { width = 640, height = 480, fps = 30, fourcc }: SourceArguments,
  signal: AbortSignal,
): Promise<OpenedSource | undefined> {
  if (!existsSync(CAMERA)) return undefined
  const inputOptions = ['-f', 'v4l2', '-framerate', `${fps}`, '-video_size', `${width}x${height}`]
  try {
    return video(`camera ${CAMERA}`, await ffmpeg({ input: CAMERA, inputOptions, fourcc, signal }))
  } catch (error) {
    if (signal.aborted) throw error
    console.error(`${CAMERA} cannot be read, the test pattern takes its place.`)
    console.error((error as Error).message)
    return undefined
  }
}

function ffmpegOptions(args: SourceArguments, input: string): FfmpegOptions {
  const { inputFormat, fps, fourcc, loop } = args
  return {
    input,
    inputOptions: inputFormat === undefined ? [] : ['-f', inputFormat],
    // What is not live would come as fast as it decodes.
    realtime: isFile(input) || inputFormat === 'lavfi',
    loop,
    fourcc,
    ...size(args),
    ...(fps === undefined ? {} : { fps }),
  }
}

function size({ width, height }: SourceArguments): { width: number; height: number } | object {
  return width === undefined || height === undefined ? {} : { width, height }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

function video(name: string, source: Source): OpenedSource {
  return { name, source, isPattern: false }
}
