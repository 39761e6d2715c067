import { type ErrorCode, FrameringError } from '../errors/framering-error.ts'

/** Why ffmpeg could not be started, and what to do: `PEER_MISSING` where there is none, else `code`. */
export function notStarted(
  ffmpegPath: string,
  error: NodeJS.ErrnoException,
  code: ErrorCode,
): FrameringError {
  if (error.code === 'ENOENT') {
    return new FrameringError(
      'PEER_MISSING',
      `there is no program ${ffmpegPath}; install it (Debian, Ubuntu: apt install ffmpeg) ` +
        'or give its place as `ffmpegPath`',
      { cause: error },
    )
  }
  return new FrameringError(
    code,
    `${ffmpegPath} could not be started (${error.message}); check that it may be executed`,
    { cause: error },
  )
}
