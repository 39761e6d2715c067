// Attaches to what it is given as JSON, changes it, and lets go of it or dies:
//   attacher.mjs '{ "memory": {…}, "list": {…} }'
import { ShareableList, SharedMemory } from '../../dist/shared-memory/index.js'

const { memory, list } = JSON.parse(process.argv[2])
const shm = new SharedMemory(memory)
const items = new ShareableList(undefined, list)
process.send({
  kind: 'seen',
  memory: Buffer.from(shm.buf.subarray(0, 5)).toString(),
  items: items.toArray(),
})
shm.buf.set(Buffer.from('HELLO'))
items.set(0, 'changed')
process.send({ kind: 'changed' })
process.on('message', () => process.exit())
