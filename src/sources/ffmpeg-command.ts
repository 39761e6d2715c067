import { FrameringError } from '../errors/framering-error.ts'
import { type ChildEnd, ChildRun, notStarted } from '../child/index.ts'

/** Where the frames come from, as the arguments in front of the output. */
export interface FfmpegInput {
  readonly input: string
  readonly inputOptions: readonly string[]
  readonly ffmpegPath: string
}

/** Arguments up to and including the input, video only. */
export function inputArguments({ input, inputOptions }: FfmpegInput, ...more: string[]): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...more,
    ...inputOptions,
    ...['-i', input, '-map', '0:v:0'],
  ]
}

/**
 * Size of the pictures ffmpeg will deliver, found by letting it decode one: unlike the stream's header
 * that counts a phone's rotation and every input option. Reads the `#dimensions` line of ffmpeg's
 * `framecrc` output.
 */
export async function probeSize(
  from: FfmpegInput,
  signal?: AbortSignal,
): Promise<{ width: number; height: number }> {
  const args = [...inputArguments(from), '-frames:v', '1', '-f', 'framecrc', '-flush_packets', '1']
  const { run, output, ended } = runForText(from.ffmpegPath, [...args, 'pipe:1'], signal)
  const end = await ended
  if (signal?.aborted) {
    const message = `the search for the size of ${JSON.stringify(from.input)} was aborted`
    throw new FrameringError('ABORTED', message, { cause: signal.reason })
  }
  const size = /^#dimensions 0: (\d+)x(\d+)$/m.exec(output())
  if (size === null || end.code !== 0) throw ffmpegFailed(from, run, end, 0)
  return { width: Number(size[1]), height: Number(size[2]) }
}

function runForText(
  file: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): { run: ChildRun; output: () => string; ended: Promise<ChildEnd> } {
  let text = ''
  const run = new ChildRun(file, args, ['ignore', 'pipe', 'pipe'])
  run.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  const stop = (): void => void run.stop()
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  const ended = run.ended.finally(() => signal?.removeEventListener('abort', stop))
  return { run, output: () => text, ended }
}

/** Why ffmpeg ended and what to do. */
export function ffmpegFailed(
  { input, ffmpegPath }: FfmpegInput,
  run: ChildRun,
  { code, signal, error }: ChildEnd,
  published: number,
): FrameringError {
  if (error) return notStarted(ffmpegPath, error, 'SOURCE_FAILED')
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`
  return new FrameringError(
    'SOURCE_FAILED',
    `ffmpeg ended with ${how} after ${published} frames of ${JSON.stringify(input)}; ` +
      'check `input` and `inputOptions` with ffplay or ffprobe. It said:\n' +
      (run.lastLines() || '(nothing)'),
  )
}
