// Encodes an image where the package sharp cannot be found.
import { register } from 'node:module'
import { createWriter, openReader } from 'framering'
import { encodeImage } from 'framering/sinks'

const hooks = `export async function resolve(name, context, next) {
  if (name === 'sharp') throw Object.assign(new Error('not here'), { code: 'ERR_MODULE_NOT_FOUND' })
  return next(name, context)
}`
register(`data:text/javascript,${encodeURIComponent(hooks)}`)

const writer = createWriter(`no-sharp-${process.pid}`, { dtype: 'uint8', shape: [4, 4] })
const reader = openReader(writer.name)
writer.write(new Uint8Array(16))
const frame = reader.tryNext()
let answer = { code: 'none' }
try {
  await encodeImage(frame, { format: 'png' })
} catch ({ code, message }) {
  answer = { code, message }
}
frame.release()
process.send({ kind: 'answer', ...answer, leases: reader.stats().leases })
reader.close()
writer.close()
process.disconnect()
