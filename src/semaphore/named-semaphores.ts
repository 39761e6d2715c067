import type { NativeSemaphoreOptions } from '../native/index.ts'
import { loadNative, nativeCall } from '../native/index.ts'
import { checkOptions, flagOption, wholeOption } from '../options/index.ts'
import { Semaphore } from './semaphore.ts'

/** Most units a semaphore can have: C's SEM_VALUE_MAX. */
export const SEMAPHORE_MAX = 0x7fff_ffff

const CREATE_OPTIONS = ['value', 'exclusive', 'mode']

/** What a new semaphore is like. */
export interface CreateSemaphoreOptions {
  /** units at the start, 0 to {@link SEMAPHORE_MAX}; 0 unless said. 1 makes a lock */
  readonly value?: number | undefined
  /** fail with `EXISTS` where there is one of the name; false unless said */
  readonly exclusive?: boolean | undefined
  /** permission bits of 0o664, whatever the umask is; 0o600 unless said. Who may use it needs to read and write */
  readonly mode?: number | undefined
}

/**
 * A semaphore of that name: a new one, or the one there is.
 *
 * ```ts
 * using frame = createSemaphore('frame', { value: 1 })
 * await frame.withLock(() => writeFrame())
 * ```
 *
 * It is the object that C's `sem_open` and Python's `posix_ipc.Semaphore` find under the name, with a
 * slash before it or without: a file `/dev/shm/sem.NAME`. It appears with its value and mode in one
 * step, and stays until {@link unlinkSemaphore} or a reboot. Of one that exists already `value` and
 * `mode` are left alone.
 *
 * @throws FrameringError NAME_INVALID (empty, over 251 bytes, a NUL, a slash but at the start), EXISTS,
 *   PERMISSION, NOT_A_SEMAPHORE, OPTION_INVALID, SHM_FULL, UNSUPPORTED, SYSTEM: nothing was made then
 */
export function createSemaphore(name: string, options: CreateSemaphoreOptions = {}): Semaphore {
  checkOptions('createSemaphore', options, CREATE_OPTIONS)
  const value = wholeOption('value', options.value, 0, 0, SEMAPHORE_MAX)
  const mode = wholeOption('mode', options.mode, 0o600, 0, 0o777)
  const exclusive = flagOption('exclusive', options.exclusive) ? 1 : 0
  return open({ name, create: 1, exclusive, mode, value })
}

/**
 * The semaphore of that name, which must exist.
 *
 * ```ts
 * using frame = openSemaphore('frame')
 * if (frame.waitSync(100)) frame.post()
 * ```
 *
 * @throws FrameringError NOT_FOUND, NAME_INVALID, PERMISSION, NOT_A_SEMAPHORE, UNSUPPORTED, SYSTEM
 */
export function openSemaphore(name: string): Semaphore {
  return open({ name, create: 0, exclusive: 0, mode: 0, value: 0 })
}

/**
 * Removes the name. Who has the semaphore open goes on with it; a new one of the name is another.
 *
 * @throws FrameringError NOT_FOUND, NAME_INVALID, PERMISSION, NOT_A_SEMAPHORE (a directory), SYSTEM
 */
export function unlinkSemaphore(name: string): void {
  nativeCall(() => {
    loadNative().unlinkSemaphore({ name })
  })
}

function open(options: NativeSemaphoreOptions): Semaphore {
  const native = nativeCall(() => loadNative().openSemaphore(options))
  return Semaphore.make(options.name.replace(/^\//, ''), native)
}
