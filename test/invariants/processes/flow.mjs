// Lets frames flow through one process and measures its memory before and after.
import { createWriter, frames, openReader } from 'framering'

const { name, frames: count, sync } = JSON.parse(process.argv[2])
const SIZE = 1024
const turn = () => new Promise((resolve) => setImmediate(resolve))
const pixels = new Uint8Array(SIZE)

function memory() {
  globalThis.gc()
  const { rss, external, heapUsed } = process.memoryUsage()
  return { rss, external, heap: heapUsed }
}

const writer = createWriter(name, { dtype: 'uint8', shape: [SIZE], slots: 8 })
let sum = 0

async function pushed(n) {
  const subscription = frames(name).subscribe((frame) => {
    sum += frame.data[0]
  })
  for (let i = 0; i < n; i++) {
    writer.write(pixels)
    if (i % 4 === 3) await turn()
  }
  subscription.unsubscribe()
  await turn()
}

// Never lets the event loop turn.
function pulled(n) {
  const reader = openReader(name)
  for (let i = 0; i < n; i++) {
    writer.write(pixels)
    const frame = reader.waitSync(100)
    sum += frame.data[0]
    frame.release()
  }
  reader.close()
}

let warm, end
if (sync) {
  // Past the point where Node 20 begins to copy, so that the bound is reached before the first look.
  for (let i = 0; i < 3; i++) pulled(100_000)
  warm = memory()
  pulled(count)
  end = memory()
} else {
  await pushed(100_000)
  warm = memory()
  await pushed(count)
  end = memory()
}
writer.close()
process.send({ kind: 'result', result: { warm, end, sum: { sum } } }, () => process.disconnect())
