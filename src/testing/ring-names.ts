import { FrameringError } from '../errors/framering-error.ts'
import type { NativeStale } from '../native/index.ts'
import type { Generation } from './generation.ts'
import type { MemoryWriter, NameHold } from './memory-writer.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** What stands under one name. */
class Place {
  /** of a live writer, or what a dead one left */
  ring: Generation | undefined
  writer: MemoryWriter | undefined
  readonly watchers = new Set<() => void>()
  readonly directory: string
  readonly name: string

  constructor(directory: string, name: string) {
    this.directory = directory
    this.name = name
  }
}

/** The names of rings kept in memory, and who has them. */
export class RingNames {
  readonly #clock: VirtualClock
  readonly #places = new Map<string, Place>()
  #lastId = 0

  constructor(clock: VirtualClock) {
    this.#clock = clock
  }

  ring(directory: string, name: string): Generation | undefined {
    return this.#place(directory, name).ring
  }

  /** The live writer of a name. */
  writer(directory: string, name: string): MemoryWriter | undefined {
    return this.#place(directory, name).writer
  }

  /** Gives the name to the writer that `make` makes. Throws `NAME_IN_USE` while another has it. */
  take(directory: string, name: string, make: (hold: NameHold) => MemoryWriter): MemoryWriter {
    const place = this.#place(directory, name)
    if (place.writer !== undefined) {
      throw new FrameringError(
        'NAME_IN_USE',
        `a live writer holds ring '${name}': close it, or choose another name`,
      )
    }
    return (place.writer = make({
      show: (ring) => {
        place.ring = ring
        for (const onChange of place.watchers) this.#clock.nextTurn(onChange)
      },
      hide: (ring) => {
        if (place.ring === ring) place.ring = undefined
      },
      leave: () => {
        place.writer = undefined
      },
      newId: () => ++this.#lastId,
    }))
  }

  watch(directory: string, name: string, onChange: () => void): Disposable {
    const { watchers } = this.#place(directory, name)
    // One of its own: two who watch with the same function are two.
    const told = (): void => {
      if (watchers.has(told)) onChange()
    }
    watchers.add(told)
    return { [Symbol.dispose]: () => void watchers.delete(told) }
  }

  /** Forgets what dead writers left there, unless it is only asked. Tells of every ring, or of one. */
  clean(directory: string, only: string, dryRun: boolean): NativeStale[] {
    const found: NativeStale[] = []
    for (const place of this.#places.values()) {
      const { ring, writer, name } = place
      if (ring === undefined || place.directory !== directory) continue
      if (only !== '' && name !== only) continue
      const stale = writer === undefined
      if (stale && !dryRun) place.ring = undefined
      found.push({
        ring: name,
        file: `framering.${name}.data`,
        bytes: ring.geometry.totalBytes,
        removed: stale && !dryRun,
        kept: stale ? '' : 'NAME_IN_USE',
        reason: stale ? '' : `ring '${name}' has a live writer`,
      })
    }
    return found
  }

  /** Ends every ring. */
  clear(): void {
    for (const place of this.#places.values()) place.writer?.close()
    this.#places.clear()
  }

  #place(directory: string, name: string): Place {
    const key = `${directory}/${name}`
    let place = this.#places.get(key)
    if (place === undefined) this.#places.set(key, (place = new Place(directory, name)))
    return place
  }
}
