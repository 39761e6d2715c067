import { asFrameringError } from '../native/index.ts'

/** What `call` returns; what the addon throws in it becomes a FrameringError. */
export function nativeCall<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw asFrameringError(error)
  }
}
