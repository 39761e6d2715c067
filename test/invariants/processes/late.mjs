// Has native code at work on frames that are released meanwhile and whose reader and writer are closed.
import { createGzip } from 'node:zlib'
import { createWriter, openReader } from 'framering'

const { name } = JSON.parse(process.argv[2])
const SIZE = 32 << 20
let noise = 1
const pixels = Uint32Array.from({ length: SIZE / 4 }, () => (noise = Math.imul(noise, 1664525) + 1))

/** Resolves when the compressor has been through the bytes, whatever it found there. */
function compress(bytes) {
  return new Promise((resolve) => {
    const gzip = createGzip({ chunkSize: SIZE })
    gzip.on('data', () => {}).on('end', resolve)
    gzip.on('error', resolve)
    gzip.end(bytes)
  })
}

for (let round = 0; round < 3; round++) {
  const writer = createWriter(name, { dtype: 'uint8', shape: [SIZE], slots: 2 })
  const reader = openReader(name)
  writer.write(pixels)
  const frame = reader.tryNext()
  const loan = writer.loan()
  const done = [compress(frame.data), compress(loan.data)]
  frame.release()
  loan.abandon()
  reader.close()
  writer.close()
  for (let i = 0; i < 5; i++) {
    globalThis.gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  await Promise.all(done)
}
process.send({ kind: 'result' }, () => process.disconnect())
