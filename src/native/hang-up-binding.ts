/** The addon's face for learning that nobody reads a pipe any more, as native/addon/src/hang_up.cc has it. */

export interface NativeHangUp {
  /** idempotent */
  close(): void
}

export interface HangUpBinding {
  /**
   * Calls `onHangUp` from the event loop, once, when the other end of a pipe or socket is closed. The loop
   * may end before. Throws `SYSTEM` for what cannot be polled, such as a regular file.
   */
  watchHangUp(options: { fd: number; onHangUp: () => void }): NativeHangUp
}
