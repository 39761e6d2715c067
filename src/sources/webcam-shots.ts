import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtempSync, rmSync } from 'node:fs'
import { access, constants, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FrameringError } from '../errors/framering-error.ts'
import { atExit } from '../process/index.ts'
import { loadPeer } from '../peers/load-peer.ts'
import type { SafeWebcamOptions } from './webcam-options.ts'

interface Webcam {
  bin: string
  capture(location: string, callback: (error: Error | null) => void): void
}

/** Takes one picture after another into a file that only we can see. */
export interface WebcamShots {
  /** The encoded picture. On abort the running fswebcam is killed, and this rejects. */
  take(signal?: AbortSignal): Promise<Uint8Array>
  /** Removes the file and its folder. */
  remove(): Promise<void>
}

const SAFE_PATH = /^\/[A-Za-z0-9._/+-]*$/

/** Throws PEER_MISSING without node-webcam. */
export async function openWebcamShots(options: SafeWebcamOptions): Promise<WebcamShots> {
  const peer = (await loadPeer('node-webcam', 'nodeWebcam')) as {
    create(options: SafeWebcamOptions): Webcam
  }
  const webcam = peer.create(options)
  // the shell becomes fswebcam, so that killing the child kills what holds the camera
  webcam.bin = 'exec fswebcam'
  const directory = mkdtempSync(join(await privateBase(), 'framering-webcam-'))
  const unhook = atExit(() => {
    rmSync(directory, { recursive: true, force: true })
  })
  const file = join(directory, options.output === 'png' ? 'shot.png' : 'shot.jpg')
  return {
    async take(signal) {
      // fswebcam exits with 0 even when it took nothing: only a new file counts
      await rm(file, { force: true })
      signal?.throwIfAborted()
      await capture(webcam, file, options.device, signal)
      signal?.throwIfAborted()
      try {
        return await readFile(file)
      } catch (cause) {
        throw noPicture(options.device, cause)
      }
    },
    async remove() {
      await rm(directory, { recursive: true, force: true })
      unhook()
    },
  }
}

function capture(
  webcam: Webcam,
  file: string,
  device: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let unhook = (): void => undefined
    const child = startedBy(() => {
      webcam.capture(file, (error) => {
        signal?.removeEventListener('abort', kill)
        unhook()
        if (error === null || signal?.aborted) resolve()
        else reject(failure(device, error))
      })
    })
    const kill = (): void => {
      child?.kill('SIGKILL')
    }
    unhook = atExit(kill)
    signal?.addEventListener('abort', kill, { once: true })
  })
}

/** The process that `start` starts: node-webcam keeps it to itself. */
function startedBy(start: () => void): ChildProcess | undefined {
  let child: ChildProcess | undefined
  const note = (message: unknown): void => {
    child = (message as { process: ChildProcess }).process
  }
  subscribe('child_process', note)
  try {
    start()
  } finally {
    unsubscribe('child_process', note)
  }
  return child
}

/** In memory where there is /dev/shm. The path becomes part of a shell line. */
async function privateBase(): Promise<string> {
  const usable = async (path: string): Promise<boolean> =>
    SAFE_PATH.test(path) &&
    (await access(path, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    ))
  for (const path of ['/dev/shm', tmpdir(), '/tmp']) if (await usable(path)) return path
  throw new FrameringError(
    'SOURCE_FAILED',
    'nodeWebcam finds no folder for its pictures: make /dev/shm or /tmp writable',
  )
}

function failure(device: string, error: Error): FrameringError {
  if ((error as { code?: unknown }).code === 127) {
    return new FrameringError(
      'PEER_MISSING',
      'nodeWebcam needs the program fswebcam (Debian, Ubuntu: apt install fswebcam)',
      { cause: error },
    )
  }
  return noPicture(device, error)
}

function noPicture(device: string, cause: unknown): FrameringError {
  return new FrameringError(
    'SOURCE_FAILED',
    `fswebcam took no picture from ${device}; check that the device exists, is free and that this ` +
      `user may open it (group video): fswebcam -d ${device} /tmp/test.jpg`,
    { cause },
  )
}
