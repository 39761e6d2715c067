import { spawnSync } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Actor } from './actor.ts'
import { actor } from './actor.ts'

/**
 * A CLOCK_REALTIME that can be set, for the actors it makes (libfaketime). CLOCK_MONOTONIC
 * stays what it is, as when an administrator or NTP sets the machine's clock.
 */
export class ShiftedClock {
  readonly #env: NodeJS.ProcessEnv
  readonly #directory = mkdtempSync(join(tmpdir(), 'framering-clock-'))

  constructor() {
    onTestFinished(() => {
      rmSync(this.#directory, { recursive: true })
    })
    // Where the library is differs from machine to machine; the program knows.
    const { stdout } = spawnSync('faketime', ['-f', '+0s', 'printenv', 'LD_PRELOAD'], {
      encoding: 'utf8',
    })
    this.#env = {
      LD_PRELOAD: stdout.trim(),
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
    this.set(0)
  }

  async actor(): Promise<Actor> {
    const made = await actor({ env: this.#env })
    onTestFinished(() => {
      // The library's own, which it removes only from a process that ends by itself.
      for (const object of [`faketime_shm_${made.pid}`, `sem.faketime_sem_${made.pid}`]) {
        rmSync(`/dev/shm/${object}`, { force: true })
      }
    })
    return made
  }

  /** `seconds` beyond the machine's own, from now on. */
  set(seconds: number): void {
    // Renamed into place: the library reads it at any moment, and must never find half of it.
    const fresh = `${this.#file}.new`
    writeFileSync(fresh, `${seconds < 0 ? '' : '+'}${seconds}s\n`)
    renameSync(fresh, this.#file)
  }

  get #file(): string {
    return join(this.#directory, 'shift')
  }
}
