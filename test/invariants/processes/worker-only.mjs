// Loads the library in a worker only, terminates it with frames held and a wait going on, then lets
// WebAssembly trap on the main thread: the handler of faults must neither dangle nor swallow it.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const { name, rounds } = JSON.parse(process.argv[2])

const values = []
for (let round = 0; round < rounds; round++) {
  const worker = new Worker(new URL('worker.mjs', import.meta.url), { workerData: { name } })
  const [value] = await once(worker, 'message')
  values.push(value)
  await worker.terminate()
}

// (module (memory 1) (func (export "load") (result i32) i32.const 0x7fffffff i32.load))
const module = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 8, 1, 4, 108,
  111, 97, 100, 0, 0, 10, 13, 1, 11, 0, 65, 255, 255, 255, 255, 7, 40, 2, 0, 11,
])
let trapped = 0
for (let i = 0; i < 3; i++) {
  try {
    const { instance } = await WebAssembly.instantiate(module)
    instance.exports.load()
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) trapped += 1
    else throw error
  }
}
process.send({ kind: 'result', result: { values, trapped } }, () => process.disconnect())
