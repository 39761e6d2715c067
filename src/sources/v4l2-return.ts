import { type FSWatcher, watch } from 'node:fs'
import { FrameringError } from '../errors/framering-error.ts'
import { asFrameringError } from '../native/index.ts'
import { devicePaths, isSameDevice, type V4l2Identity } from './v4l2-devices.ts'
import { V4l2Camera } from './v4l2-camera.ts'
import type { V4l2Host } from './v4l2-host.ts'
import type { V4l2Wish } from './v4l2-options.ts'

/** The device is not there, or not ready yet: udev gives a new node its group only after making it. */
const NOT_YET = ['NOT_FOUND', 'PERMISSION', 'DEVICE_GONE', 'DEVICE_BUSY', 'UNSUPPORTED']

/** Opens the camera that `identity` names, whatever its number is now; undefined: it is not there. */
export function reopen(
  host: V4l2Host,
  identity: V4l2Identity,
  wish: V4l2Wish,
): V4l2Camera | undefined {
  for (const path of devicePaths(host)) {
    let camera: V4l2Camera
    try {
      camera = V4l2Camera.open(host, path, wish)
    } catch (error) {
      if (isNotYet(error)) continue
      throw error
    }
    if (isSameDevice(camera.identity, identity)) return camera
    camera.close()
  }
  return undefined
}

/**
 * The same, when it is there: each change in the directory of devices is looked at (inotify), and
 * `atOnce` what is there already. undefined when `signal` aborted first.
 */
export function whenBack(
  host: V4l2Host,
  identity: V4l2Identity,
  wish: V4l2Wish,
  { atOnce, signal }: { atOnce: boolean; signal: AbortSignal },
): Promise<V4l2Camera | undefined> {
  return new Promise((resolve, reject) => {
    let watcher: FSWatcher | undefined
    const settle = (done: () => void): void => {
      watcher?.close()
      signal.removeEventListener('abort', onAbort)
      done()
    }
    const onAbort = (): void => {
      settle(() => {
        resolve(undefined)
      })
    }
    const fail = (error: unknown): void => {
      settle(() => {
        reject(asFrameringError(error))
      })
    }
    const look = (): void => {
      try {
        const camera = reopen(host, identity, wish)
        if (camera) {
          settle(() => {
            resolve(camera)
          })
        }
      } catch (error) {
        fail(error)
      }
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      watcher = watch(host.dev, (_event, file) => {
        if (file === null || /^video\d+$/.test(file)) look()
      })
      watcher.on('error', (error) => {
        fail(unwatchable(host, error))
      })
    } catch (error) {
      fail(unwatchable(host, error))
      return
    }
    if (signal.aborted) onAbort()
    // It may have come back before anybody watched.
    else if (atOnce) look()
  })
}

function isNotYet(error: unknown): boolean {
  return error instanceof FrameringError && NOT_YET.includes(error.code)
}

function unwatchable(host: V4l2Host, cause: unknown): FrameringError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new FrameringError(
    'SYSTEM',
    `${host.dev} cannot be watched for the camera's return (${why}); ` +
      'raise fs.inotify.max_user_watches and max_user_instances',
    { cause },
  )
}
