import type { FSWatcher } from 'node:fs'
import { watch } from 'node:fs'
import { Observable } from 'rxjs'
import { FrameringError } from '../errors/framering-error.ts'
import { checkOptions, positiveOption } from '../options/index.ts'
import { directoryOption } from '../ring/names.ts'
import { inspect } from './inspector.ts'
import type { InspectOptions } from './inspector.ts'
import { listRings, ringOfFile } from './list-rings.ts'

/** What became of a ring's name. */
export interface RingEvent {
  /**
   * `appeared`: there is a ring of a live writer, also when one was there at the start; `replaced`: by
   * another writer's, or by larger slots; `died`: the writer is gone without a word and its memory is still
   * there; `gone`: nothing has the name any more
   */
  readonly kind: 'appeared' | 'replaced' | 'died' | 'gone'
  readonly ring: string
}

export interface RingsOptions extends InspectOptions {
  /** ms between two looks for writers that died, which no file tells of; 1000 unless said */
  readonly every?: number | undefined
}

/** What a name stood for when it was last looked at. */
interface Known {
  readonly generation: number
  readonly alive: boolean
}

const EVERY = 1000

/**
 * The rings of this machine, as they appear and go.
 *
 * ```ts
 * rings().subscribe(({ kind, ring }) => console.log(ring, kind))   // front appeared
 * ```
 *
 * Those there are at the subscription are told of first. Appearing and going is told by the file system,
 * at once; a death within `every` ms. Joins nothing. A ring that this user may not read counts as live.
 * Never completes. Throws `OPTION_INVALID`, also as an error when the directory cannot be read.
 */
export function rings(options: RingsOptions = {}): Observable<RingEvent> {
  checkOptions('rings', options, ['directory', 'every'])
  const directory = directoryOption(options.directory)
  const every = positiveOption('every', options.every, 'milliseconds') || EVERY
  return new Observable((subscriber) => {
    const known = new Map<string, Known>()
    const look = (ring: string): void => {
      const before = known.get(ring)
      const now = standing(ring, directory)
      if (now === undefined) known.delete(ring)
      else known.set(ring, now)
      const kind = change(before, now)
      if (kind !== undefined) subscriber.next({ kind, ring })
    }
    const lookAtAll = async (): Promise<void> => {
      const found = await listRings(directory)
      for (const ring of new Set([...found, ...known.keys()])) {
        if (!subscriber.closed) look(ring)
      }
    }
    let watcher: FSWatcher
    try {
      watcher = watch(directory, (_event, file) => {
        const ring = file === null ? undefined : ringOfFile(file)
        if (ring !== undefined) look(ring)
      })
    } catch (cause) {
      const text = `cannot watch ${directory}; name a directory that this user may read`
      subscriber.error(new FrameringError('OPTION_INVALID', text, { cause }))
      return
    }
    // Whatever is wrong with it, the looks go on.
    watcher.on('error', () => {
      watcher.close()
    })
    void lookAtAll()
    const timer = setInterval(() => void lookAtAll(), every)
    return () => {
      clearInterval(timer)
      watcher.close()
    }
  })
}

function standing(ring: string, directory: string): Known | undefined {
  try {
    const { generation, writer } = inspect(ring, { directory })
    return { generation, alive: writer.alive }
  } catch (error) {
    const code = error instanceof FrameringError ? error.code : ''
    return code === 'PERMISSION' ? { generation: 0, alive: true } : undefined
  }
}

function change(before: Known | undefined, now: Known | undefined): RingEvent['kind'] | undefined {
  if (now === undefined) return before === undefined ? undefined : 'gone'
  if (before === undefined) return now.alive ? 'appeared' : 'died'
  if (before.generation !== now.generation) return before.alive ? 'replaced' : 'appeared'
  return before.alive && !now.alive ? 'died' : undefined
}
