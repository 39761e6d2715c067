/** The addon's face for named semaphores, as native/addon/src/semaphore.cc exports it. */

export interface NativeSemaphoreOptions {
  name: string
  /** 1: make it where there is none */
  create: 0 | 1
  /** 1: fail with EXISTS where there is one */
  exclusive: 0 | 1
  /** of a new one */
  mode: number
  /** units of a new one */
  value: number
}

/**
 * Called from the event loop with nothing when a unit was taken, and returns whether somebody has it
 * now: otherwise the unit is posted back. Called with an error when waiting failed. Must not close the
 * semaphore.
 */
export type OnUnit = (error?: unknown) => boolean

export interface NativeSemaphore {
  post(): void
  tryWait(): boolean
  /** blocks the thread for at most timeout ms */
  wait(timeout: number): boolean
  value(): number
  /**
   * Has a thread take one unit, for which `onUnit` is called once: the function that the first call gave,
   * later ones go by it as well. Keeps the event loop alive until then.
   */
  want(onUnit: OnUnit): void
  /** Wants none any more. True: one had been taken already, and is the caller's. */
  unwant(): boolean
  /** Idempotent. A unit that was taken and not told yet is posted back. */
  close(): void
}

export interface SemaphoreBinding {
  openSemaphore(options: NativeSemaphoreOptions): NativeSemaphore
  unlinkSemaphore(options: { name: string }): void
}
