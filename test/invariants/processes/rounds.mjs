// Subscribes and unsubscribes, over and over, and counts what the process holds before and after.
import { readFileSync, readdirSync } from 'node:fs'
import { createWriter, frames, openReader } from 'framering'

const { name, rounds } = JSON.parse(process.argv[2])
const turn = () => new Promise((resolve) => setImmediate(resolve))

async function round() {
  const writer = createWriter(name, { dtype: 'uint8', shape: [65536], slots: 4 })
  let received = 0
  const subscriptions = [frames(name), frames(name, { views: 'cached' })].map((stream) =>
    stream.subscribe((frame) => {
      received += frame.data[0]
    }),
  )
  const reader = openReader(name)
  writer.write(new Uint8Array(65536).fill(1))
  const frame = await reader.next()
  frame.retain().data.at(0)
  while (received < 2) await turn()
  for (const subscription of subscriptions) subscription.unsubscribe()
  reader.close()
  writer.close()
}

async function held() {
  // Finalisers run from the event loop, after the collection that found them work.
  for (let i = 0; i < 5; i++) {
    globalThis.gc()
    await turn()
  }
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    mappings: readFileSync('/proc/self/maps', 'utf8')
      .split('\n')
      .filter((line) => line.includes('framering') || line.includes('/dev/shm')).length,
    threads: readdirSync('/proc/self/task').length,
  }
}

for (let i = 0; i < 10; i++) await round()
const warm = await held()
for (let i = 0; i < rounds; i++) await round()
const end = await held()
process.send({ kind: 'result', result: { warm, end } }, () => process.disconnect())
