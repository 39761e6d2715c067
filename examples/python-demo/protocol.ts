// What the Python demo's write.py and read.py agree on (github.com/bwsw/shared-ctypes-numpy-posix-ipc-python):
//
//   /dev/shm/NAME-meta   32 bytes, a C struct: rows, columns, channels, size of the frame, its number
//   /dev/shm/NAME        the frame: uint8, row by row
//   /dev/shm/sem.NAME    a semaphore with one unit: who has it may touch the two
import { i32, i64, type Infer, struct } from 'framering/struct'

export const FrameMeta = struct({
  shape_0: i32,
  shape_1: i32,
  shape_2: i32,
  size: i64,
  count: i64,
})

export type FrameMeta = Infer<typeof FrameMeta>

export const metaName = (name: string): string => `${name}-meta`

/** ms to wait for the lock. Longer, and whoever holds it is stopped or dead. */
export const LOCK_TIMEOUT = 1000
