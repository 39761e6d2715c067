import * as fs from 'node:fs'
import { expect, onTestFinished } from 'vitest'
import type { CreateSemaphoreOptions, Semaphore } from '../../src/semaphore/index.ts'
import { createSemaphore, openSemaphore } from '../../src/semaphore/index.ts'
import { Peer } from '../support/peer.ts'
import { ringName } from '../support/ring-name.ts'

const HOLDER = new URL('processes/holder.mjs', import.meta.url)

export const failure = (code: string, message = /./) => ({
  name: 'FrameringError',
  code,
  message: expect.stringMatching(message) as string,
})

export const pathOf = (name: string) => `/dev/shm/sem.${name}`

/** A name nobody else uses, gone at the end of the test. */
export function freshName(): string {
  const name = ringName()
  onTestFinished(() => {
    fs.rmSync(pathOf(name), { recursive: true, force: true })
  })
  return name
}

/** Another handle of it, closed at the end of the test. */
export function opened(name: string): Semaphore {
  const semaphore = openSemaphore(name)
  onTestFinished(() => {
    semaphore.close()
  })
  return semaphore
}

/** A new one, closed and gone at the end of the test. */
export function fresh(options: CreateSemaphoreOptions = {}): Semaphore {
  const semaphore = createSemaphore(freshName(), { exclusive: true, ...options })
  onTestFinished(() => {
    semaphore.close()
  })
  return semaphore
}

/** How many threads are counted as waiting on it, as the file has it. */
export function waiters(name: string): number {
  return fs.readFileSync(pathOf(name)).readUInt32LE(4)
}

/** Goes on when `n` threads are counted. */
export async function untilWaiters(name: string, n: number): Promise<void> {
  await expect.poll(() => waiters(name), { timeout: 20_000, interval: 2 }).toBe(n)
}

/** Goes on when a process with one thread sleeps. */
export async function untilAsleep(pid: number): Promise<void> {
  const state = () => /\) (\w)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]
  await expect.poll(state, { timeout: 20_000, interval: 2 }).toBe('S')
}

/** Keeps the event loop from turning until `done`. */
export function spinUntil(done: () => boolean): void {
  const deadline = performance.now() + 20_000
  while (!done()) if (performance.now() > deadline) throw new Error('it never happened')
}

/** Another Node process that does with semaphores as it is told. */
export class Holder extends Peer {
  #orders = 0

  async does(kind: string, order: object = {}): Promise<unknown> {
    const id = ++this.#orders
    this.say(kind, { ...order, id })
    const { value, error } = await this.heard(`did ${id}`)
    if (error !== undefined) throw Object.assign(new Error(), error)
    return value
  }
}

/** A new one, killed at the end of the test. `under`: a shell script that ends in `exec "$@"`. */
export async function holder(under?: string): Promise<Holder> {
  const made = new Holder(HOLDER, {}, ['--expose-gc'], {}, under)
  onTestFinished(async () => {
    made.kill()
    await made.ended()
  })
  await made.heard('ready')
  return made
}
