import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import type { ArrayHandle } from '../../src/sharedmem/index.ts'
import { Peer } from '../support/peer.ts'

/** Another process that holds a shared array. */
export class Holder {
  readonly #peer: Peer

  private constructor(handle?: ArrayHandle) {
    this.#peer = new Peer(new URL('holder.mjs', import.meta.url), { handle })
    onTestFinished(() => this.killed())
  }

  /** `handle`: of the array that it has from the start. */
  static async start(handle?: ArrayHandle): Promise<Holder> {
    const holder = new Holder(handle)
    await holder.#peer.heard('ready')
    return holder
  }

  get pid(): number {
    return this.#peer.pid
  }

  async does(order: string, words: object = {}): Promise<unknown> {
    this.#peer.say(order, words)
    const { value, error } = await this.#peer.heard(order)
    if (error !== undefined) throw Object.assign(new Error(), error)
    return value
  }

  /** Dead by SIGKILL, and all that it had is the kernel's again. */
  async killed(): Promise<void> {
    this.#peer.kill('SIGKILL')
    await this.#peer.ended()
  }
}

/** The processes that have that memory: open, or mapped. */
export function holders({ name }: { readonly name: string }): number[] {
  const label = `memfd:framering-${name.split('.')[2]!}`
  const has = (pid: string): boolean => {
    try {
      const open = readdirSync(`/proc/${pid}/fd`).some((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`).includes(label)
        } catch {
          return false
        }
      })
      return open || readFileSync(`/proc/${pid}/maps`, 'utf8').includes(label)
    } catch {
      return false // ended meanwhile
    }
  }
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter(has)
    .map(Number)
}

/** A field of /proc/meminfo, in bytes. */
export function meminfo(field: string): number {
  const text = readFileSync('/proc/meminfo', 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)![1]) * 1024
}
