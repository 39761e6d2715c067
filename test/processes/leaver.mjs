// Opens a ring and leaves without closing it, in the way it is told.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { createWriter } from 'framering'

const SMALL = { dtype: 'uint8', shape: [4, 4] }

if (!isMainThread) {
  createWriter(workerData, SMALL)
  parentPort.postMessage('open')
  parentPort.once('message', () => process.exit())
} else {
  const { name, how } = JSON.parse(process.argv[2])
  let worker
  if (how === 'worker exit') {
    worker = new Worker(new URL(import.meta.url), { workerData: name })
    worker.once('message', () => process.send({ kind: 'open' }))
    worker.once('exit', () => process.disconnect())
  } else {
    createWriter(name, SMALL)
    process.send({ kind: 'open' })
  }
  process.once('message', () => {
    if (how === 'process.exit') process.exit()
    if (how === 'uncaught exception') throw new Error('meant to be uncaught')
    if (how === 'worker exit') worker.postMessage('leave')
    else process.disconnect()
  })
}
