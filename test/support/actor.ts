import { expect, onTestFinished } from 'vitest'
import type {
  ReaderOptions,
  RingReport,
  StaleReport,
  WriterOptions,
  WriterStats,
} from '../../src/index.ts'
import { createWriter } from '../../src/index.ts'
import { Peer } from './peer.ts'
import { remains } from './ring-name.ts'

const SCRIPT = new URL('../processes/actor.mjs', import.meta.url)

/** Whether this user may become another, change limits and mount file systems. */
export const isRoot = process.getuid?.() === 0

/** A user that owns nothing, and a group that nobody is in unless told. */
export const NOBODY = { uid: 65534, gid: 65534 }
export const GROUP = 54321

/** What an actor sees of a frame; `none` when there is none to see. */
export interface Sight {
  readonly none?: boolean
  readonly ended?: boolean
  readonly sequence: number
  readonly gap: number
  readonly lost: Readonly<Record<string, number>>
  readonly length: number
  readonly value: number
  /** every byte is `value` */
  readonly whole: boolean
  readonly latency: number
}

/** What an actor can be told, and what it answers. */
interface Orders {
  become: [{ uid: number; gid: number; groups?: number[] }, undefined]
  create: [{ name: string; options: WriterOptions }, { locked: unknown }]
  write: [{ frames?: number; meta?: object }, { sequence: number }]
  loan: [object, { slotless: boolean }]
  publish: [object, { sequence: number }]
  abandon: [object, undefined]
  grow: [{ bytes: number }, undefined]
  stats: [object, WriterStats]
  closeWriter: [object, undefined]
  open: [{ name: string; options?: ReaderOptions }, undefined]
  take: [object, Sight]
  next: [{ timeout?: number }, Sight]
  waitSync: [{ timeout?: number }, Sight]
  look: [object, Sight]
  release: [object, undefined]
  closeReader: [object, undefined]
  inspect: [{ name: string }, RingReport]
  sweep: [{ directory?: string; dryRun?: boolean }, StaleReport]
  openFile: [{ path: string; flags: string | number }, string]
  list: [{ path: string }, string[]]
  fill: [{ path: string; bytes: number }, undefined]
  unlink: [{ path: string }, undefined]
  /** what its clock shows, and how often `onDeadline` was called */
  clock: [object, { realtime: number; misses: number }]
  /** how many are open, and the number that the next one will have */
  descriptors: [object, { open: number; next: number }]
}

/**
 * Another process that writes and reads rings as it is told. Frames that it writes have the low byte
 * of their sequence in every byte.
 *
 * ```ts
 * const poor = await actor({ under: 'ulimit -n 60; exec "$@"' })
 * await expect(poor.does('create', { name, options })).rejects.toMatchObject({ code: 'SYSTEM' })
 * ```
 */
export class Actor extends Peer {
  readonly #created = new Map<string, string | undefined>()
  #orders = 0

  async does<K extends keyof Orders>(kind: K, order?: Orders[K][0]): Promise<Orders[K][1]> {
    if (order !== undefined && 'options' in order && kind === 'create') {
      this.#created.set(order.name, order.options.directory)
    }
    const id = ++this.#orders
    this.say(kind, { ...order, id })
    // By number: one that waits for a frame is answered after those that came later.
    const { value, error } = await this.heard(`did ${id}`)
    if (error !== undefined) throw Object.assign(new Error(), error)
    return value as Orders[K][1]
  }

  /** Ends it, and has nothing left of its rings: the next writer of a name clears up. */
  async dismiss(): Promise<void> {
    this.kill()
    await this.ended()
    for (const [name, directory] of this.#created) {
      if (remains(name, directory).length === 0) continue
      createWriter(name, { dtype: 'uint8', shape: [1], slots: 2, directory }).close()
    }
  }
}

/**
 * A new one, with the identity and the means it is given; killed at the end of the test, if it has not
 * ended by then.
 *
 * `under`: a shell script that ends in `exec "$@"`.
 */
export async function actor(
  given: {
    readonly user?: Orders['become'][0]
    readonly under?: string
    readonly env?: NodeJS.ProcessEnv
  } = {},
): Promise<Actor> {
  const made = new Actor(SCRIPT, {}, [], given.env, given.under)
  onTestFinished(async () => {
    await made.dismiss()
  })
  await made.heard('ready')
  if (given.user !== undefined) await made.does('become', given.user)
  return made
}

/** Has it die as a crash would have it, and waits until the kernel has cleared up after it. */
export async function crash(peer: Peer): Promise<void> {
  peer.kill('SIGKILL')
  expect(await peer.ended()).toEqual({ code: null, signal: 'SIGKILL' })
}
