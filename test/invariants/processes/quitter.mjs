// Holds two frames, sleeps for a third, and quits in the way it is told, letting go of nothing.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { openReader } from 'framering'

function grasp(name) {
  const reader = openReader(name, { delivery: 'every', maxLeases: 3, replay: 2 })
  return { reader, held: [reader.tryNext(), reader.tryNext()] }
}

if (isMainThread) {
  const { name, how } = JSON.parse(process.argv[2])
  let worker
  if (how === 'worker.terminate') {
    worker = new Worker(new URL(import.meta.url), { workerData: name })
    worker.once('message', (sequences) => process.send({ kind: 'held', sequences }))
  } else {
    const { reader, held } = grasp(name)
    reader.next()
    process.send({ kind: 'held', sequences: held.map(({ sequence }) => sequence) })
  }
  process.once('message', async () => {
    if (how === 'process.exit') process.exit(0)
    if (how === 'an uncaught exception') throw new Error('meant to be uncaught')
    await worker.terminate()
    // The process lives on, and the worker is gone with all it held.
    process.send({ kind: 'terminated' })
    process.once('message', () => process.disconnect())
  })
} else {
  const { reader, held } = grasp(workerData)
  parentPort.postMessage(held.map(({ sequence }) => sequence))
  reader.waitSync()
}
