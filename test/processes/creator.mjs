// Creates a ring, says what came of it on standard output, and closes it.
import { readdirSync } from 'node:fs'
import { createWriter } from 'framering'

const { name, grow, ...options } = JSON.parse(process.argv[2])
const result = {}
try {
  const writer = createWriter(name, options)
  result.locked = writer.locked
  if (grow) {
    const frame = new Uint8Array(options.shape[0])
    writer.write(frame)
    try {
      writer.setFormat({ dtype: options.dtype, shape: grow })
    } catch (error) {
      result.grow = error.code
    }
    result.sequence = writer.write(frame)
  }
  writer.close()
} catch (error) {
  const { code, message, needed, available } = error
  Object.assign(result, { code, message, needed, available })
}
const entries = readdirSync(options.directory ?? '/dev/shm')
console.log(JSON.stringify({ ...result, left: entries.filter((f) => f.includes(name)) }))
