// Takes the next frame and holds it until told otherwise.
import { openReader } from 'framering'

const { name } = JSON.parse(process.argv[2])
const reader = openReader(name, { maxLeases: 1, replay: 0 })
process.send({ kind: 'ready' })
const frame = await reader.next()
process.send({ kind: 'held' })
process.on('message', () => {
  const { buffer, byteOffset, byteLength } = frame.data
  const words = new Uint32Array(buffer, byteOffset, byteLength >> 2)
  const value = words[0]
  const whole = words.every((word) => word === value)
  let release = 'fine'
  try {
    frame.release()
  } catch (error) {
    release = error.code
  }
  process.send({ kind: 'seen', value, whole, release }, () => process.disconnect())
})
