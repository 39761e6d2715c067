import type { FSWatcher } from 'node:fs'
import { watch } from 'node:fs'

const POLL = 100

/** The file of a ring that is linked last: with it the ring is there. */
export function dataObject(name: string): string {
  return `framering.${name}.data`
}

/**
 * `Transport.watchName` on a file system.
 *
 * Uses inotify; where there is none to be had (no such directory yet, too many watches) it looks every
 * 100 ms instead.
 */
export class NameWatch implements Disposable {
  readonly #onChange: () => void
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(directory: string, name: string, onChange: () => void) {
    this.#onChange = onChange
    const object = dataObject(name)
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

  [Symbol.dispose](): void {
    this.#watcher?.close()
    this.#watcher = undefined
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #poll(): void {
    this[Symbol.dispose]()
    this.#timer = setInterval(this.#onChange, POLL)
  }
}
