// Worker threads that stream from a recorded camera and are terminated in the middle; tells what of
// them is left.
import { createRequire } from 'node:module'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

const { addon, recording, rounds } = isMainThread ? JSON.parse(process.argv[2]) : workerData
const load = () => createRequire(import.meta.url)(addon)

if (isMainThread) {
  for (let round = 0; round < rounds; round++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { addon, recording } })
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
  }
  const { handles, mappings } = load().state('')
  process.send({ kind: 'left', handles, mappings }, () => process.disconnect())
} else {
  const fake = load()
  fake.plug('cam', recording, [new Uint8Array(128)])
  const camera = fake.openV4l2({ path: 'cam' })
  camera.start(4, [])
  camera.watch(() => {
    if (camera.dequeue().held) camera.copy(new Uint8Array(128))
    parentPort.postMessage('frame')
  })
  fake.play('cam', 1000)
}
