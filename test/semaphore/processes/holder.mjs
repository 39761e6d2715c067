// Does to semaphores what it is told, several things at a time, and tells what came of each.
import * as fs from 'node:fs'
import { Worker } from 'node:worker_threads'
import { createSemaphore, openSemaphore, unlinkSemaphore } from '../../../dist/semaphore/index.js'
import { become } from '../../processes/become.mjs'

// Loads the addon, before the process is made poor or somebody else.
try {
  openSemaphore('')
} catch {
  // no name
}

const more = []
let semaphore
let abort = new AbortController()

/** Adds one to a number in a file, in steps that anybody may come between. */
function increment(file) {
  const number = Buffer.alloc(8)
  fs.readSync(file, number, 0, 8, 0)
  number.writeBigInt64LE(number.readBigInt64LE() + 1n)
  fs.writeSync(file, number, 0, 8, 0)
}

const orders = {
  become,
  umask: ({ mask }) => process.umask(mask),
  create: ({ name, options }) => {
    semaphore = createSemaphore(name, options)
  },
  open: ({ name }) => {
    semaphore = openSemaphore(name)
  },
  /** opens it as often as it can, and tells the code of what stopped it */
  exhaust: ({ name }) => {
    try {
      for (;;) more.push(openSemaphore(name))
    } catch ({ code, message }) {
      return { code, message, opened: more.length }
    }
  },
  /** opens one and makes another without a descriptor left, and tells of both errors */
  crowd: ({ name, unmade }) => {
    const files = []
    try {
      for (;;) files.push(fs.openSync('/'))
    } catch {
      // that was the last
    }
    const errors = [() => openSemaphore(name), () => createSemaphore(unmade)].map((attempt) => {
      try {
        attempt().close()
      } catch ({ name, code, message }) {
        return { name, code, message }
      }
    })
    files.forEach(fs.closeSync)
    return errors
  },
  closeMore: () => more.splice(0).forEach((one) => one.close()),
  unlink: ({ name }) => unlinkSemaphore(name),
  post: () => semaphore.post(),
  tryWait: () => semaphore.tryWait(),
  waitSync: ({ timeout }) => semaphore.waitSync(timeout),
  wait: ({ timeout }) => semaphore.wait({ timeout, signal: abort.signal }),
  abort: () => {
    abort.abort()
    abort = new AbortController()
  },
  value: () => semaphore.value,
  close: () => semaphore.close(),
  count: async ({ path, times, way }) => {
    const file = fs.openSync(path, 'r+')
    for (let i = 0; i < times; i++) {
      if (way === 'sync') semaphore.withLockSync(() => increment(file))
      else await semaphore.withLock(() => increment(file))
    }
    fs.closeSync(file)
  },
  /** opens, or makes and removes, again and again */
  churn: ({ name, times, remove }) => {
    for (let i = 0; i < times; i++) {
      if (!remove) createSemaphore(name, { value: 3 }).close()
      else if (fs.existsSync(`/dev/shm/sem.${name}`)) {
        try {
          unlinkSemaphore(name)
        } catch ({ code }) {
          if (code !== 'NOT_FOUND') throw code
        }
      }
    }
  },
  /** starts a worker that waits, and terminates it once it does */
  terminate: async ({ name, way }) => {
    const url = new URL('worker.mjs', import.meta.url)
    const worker = new Worker(url, { workerData: { name, way } })
    await new Promise((resolve) => worker.once('message', resolve))
    return worker.terminate()
  },
  threads: () =>
    fs
      .readdirSync('/proc/self/task')
      .map((id) => fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8'))
      .filter((name) => name.startsWith('framering-sem')).length,
  /** waits with many that it has no more use for, and tells whether all are gone */
  forget: async ({ name, times }) => {
    const before = orders.held().mappings
    for (let i = 0; i < times; i++) await openSemaphore(name).wait({ timeout: 1 })
    for (let i = 0; i < 200 && orders.held().mappings > before; i++) {
      globalThis.gc()
      await new Promise(setImmediate)
    }
    return orders.held().mappings === before
  },
  held: () => ({
    files: fs.readdirSync('/proc/self/fd').length,
    mappings: fs.readFileSync('/proc/self/maps', 'utf8').split('/dev/shm/sem.').length - 1,
  }),
  /** leaves with a lock held and waits going on */
  leave: ({ how }) => {
    void semaphore.withLock(() => {
      void semaphore.wait()
      setImmediate(() => {
        if (how === 'process.exit') process.exit(3)
        JSON.parse('meant to fail')
      })
      return new Promise(() => {})
    })
  },
  /** leaves with a unit that its thread has taken and nobody was told of */
  leaveUntold: () => {
    void semaphore.wait()
    semaphore.post()
    while (semaphore.value > 0);
    process.exit(3)
  },
  disconnect: () => process.disconnect(),
  occupy: ({ path, bytes }) => fs.writeFileSync(path, Buffer.alloc(bytes, 1)),
  list: ({ path }) => fs.readdirSync(path),
}

process.on('message', async ({ kind, id, ...order }) => {
  const answer = { kind: `did ${id}` }
  try {
    answer.value = await orders[kind](order)
  } catch ({ name, code, message }) {
    answer.error = { name, code, message }
  }
  if (process.connected) process.send(answer)
})
process.send({ kind: 'ready' })
