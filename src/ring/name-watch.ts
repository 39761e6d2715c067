import type { FSWatcher } from 'node:fs'
import { watch } from 'node:fs'

const POLL = 100

/**
 * Calls `onChange` whenever the data object of a ring may have appeared or been replaced, until closed.
 * Keeps the event loop alive. The caller looks once more after making this, since what appeared just
 * before is not told.
 *
 * Uses inotify; where there is none to be had (no such directory yet, too many watches) it looks every
 * 100 ms instead.
 */
export class NameWatch {
  readonly #onChange: () => void
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(directory: string, name: string, onChange: () => void) {
    this.#onChange = onChange
    const object = `framering.${name}.data`
    try {
      this.#watcher = watch(directory, (_event, file) => {
        if (file === null || file === object) onChange()
      })
      this.#watcher.on('error', () => {
        this.#poll()
      })
    } catch {
      this.#poll()
    }
  }

  close(): void {
    this.#watcher?.close()
    this.#watcher = undefined
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #poll(): void {
    this.close()
    this.#timer = setInterval(this.#onChange, POLL)
  }
}
