import { FrameringError } from '../errors/framering-error.ts'
import { resolveFormat } from '../format/index.ts'
import { now } from '../ring/clock.ts'
import { checkDecodedFourcc, type DecodedPicture, pictureDecoder } from './decode-picture.ts'
import { Pacer } from './pacing.ts'
import { createSource, type Source } from './source.ts'
import { type NodeWebcamOptions, safeWebcamOptions } from './webcam-options.ts'
import { openWebcamShots } from './webcam-shots.ts'

/**
 * Pictures of a camera, one fswebcam run each, through the package node-webcam: some 30 a second at
 * best. For video take {@link ffmpeg} on the same device.
 *
 * ```ts
 * const camera = await nodeWebcam({ device: '/dev/video0', width: 1280, height: 720 })
 * const writer = createWriter('desk', specOf(camera.format))
 * await camera.pump(writer, { signal })
 * ```
 *
 * Needs the optional peers node-webcam and sharp, and the program fswebcam. One picture is taken here:
 * its size is the format's, whatever was asked for. Pictures go through a file in a private folder
 * in memory, removed at dispose. `captureTime` is when the picture was asked for, the latest moment
 * known to be before the exposure.
 *
 * @throws OPTION_INVALID for options off the white list; PEER_MISSING; SOURCE_FAILED, from here or from
 * `pump`, when there is no picture, or one of another size
 */
export async function nodeWebcam(options: NodeWebcamOptions = {}): Promise<Source> {
  const safe = safeWebcamOptions(options)
  const { fps, fourcc = 'RGB3' } = options
  checkDecodedFourcc('nodeWebcam', fourcc)
  const decode = await pictureDecoder('nodeWebcam', fourcc)
  const shots = await openWebcamShots(safe)
  const picture = async (signal?: AbortSignal): Promise<DecodedPicture> => {
    const encoded = await shots.take(signal)
    try {
      return await decode(encoded)
    } catch (cause) {
      const why = (cause as Error).message
      const message = `a picture from ${safe.device} cannot be decoded (${why}); try output: 'png'`
      throw new FrameringError('SOURCE_FAILED', message, { cause })
    }
  }
  try {
    const { width, height } = await picture()
    const format = resolveFormat({ format: { fourcc, width, height } })
    return createSource(
      format,
      async (sink, signal) => {
        const pacer = new Pacer(fps)
        for (let sourceSequence = 1; ; sourceSequence++) {
          const wait = pacer.due(signal)
          if (wait) await wait
          const captureTime = now()
          const shot = await picture(signal)
          if (signal.aborted) return
          if (shot.width !== width || shot.height !== height) {
            throw sizeChanged(safe.device, [width, height], [shot.width, shot.height])
          }
          sink.emit(
            (slot) => {
              slot.set(shot.data)
            },
            { captureTime, captureMoment: 'unknown', sourceSequence },
          )
        }
      },
      () => shots.remove(),
    )
  } catch (error) {
    await shots.remove()
    throw error
  }
}

function sizeChanged(
  device: string,
  before: readonly [number, number],
  now: readonly [number, number],
): FrameringError {
  return new FrameringError(
    'SOURCE_FAILED',
    `${device} changed from ${before.join(' × ')} to ${now.join(' × ')}; open it again`,
  )
}
