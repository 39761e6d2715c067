// Terminates workers at every point of their short lives, from the loading of the addon to a loop
// that opens readers, while the main thread writes on. Nothing is timed: a worker is terminated so
// many of its messages after it came online, and so many turns of the main thread after that.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'

const BYTES = 4096
const MESSAGES = 5

if (isMainThread) await main(JSON.parse(process.argv[2]))
else await work(workerData)

async function main({ name, workers }) {
  const { createWriter } = await import('framering')
  const writer = createWriter(name, { dtype: 'uint8', shape: [BYTES], slots: 4 })
  const bytes = new Uint8Array(BYTES)
  for (let i = 0; i < workers; i++) {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { name } })
    const failed = once(worker, 'error').then(([error]) => Promise.reject(error))
    failed.catch(() => {})
    await Promise.race([failed, reached(worker, i % (MESSAGES + 1))])
    for (let turns = Math.floor(i / (MESSAGES + 1)) ** 2; turns > 0; turns--) {
      writer.write(bytes)
      await turn()
    }
    await worker.terminate()
    writer.write(bytes)
  }
  const { published, dropped, readers } = writer.stats()
  const sequence = writer.write(bytes)
  writer.close()
  const result = { writes: sequence - published - dropped, readers }
  process.send({ kind: 'result', result }, () => process.disconnect())
}

/** Resolves when the worker is online and has said `messages` things. */
async function reached(worker, messages) {
  let heard = 0
  const said = new Promise((resolve) => {
    worker.on('message', () => ++heard === messages && resolve())
  })
  await once(worker, 'online')
  if (messages > 0) await said
}

async function work({ name }) {
  const { openReader } = await import('framering')
  parentPort.postMessage('about to load the addon')
  for (let round = 1; ; round++) {
    const reader = openReader(name, { replay: 1 })
    const frame = reader.tryNext()
    if (frame !== undefined) {
      frame.data[0]
      frame.release()
    }
    reader.close()
    if (round < MESSAGES) parentPort.postMessage(round)
  }
}
