// Writes, reads, holds a frame, subscribes, and then blocks for ever.
import { parentPort, workerData } from 'node:worker_threads'
import { createWriter, frames, openReader } from 'framering'

const { name } = workerData
const writer = createWriter(name, { dtype: 'uint8', shape: [4096], slots: 4 })
writer.write(new Uint8Array(4096).fill(7))
const held = openReader(name).tryNext()
held.data[0] = 1
frames(name).subscribe(() => {})
const reader = openReader(name, { replay: 0 })
parentPort.postMessage(held.data[1])
reader.waitSync()
