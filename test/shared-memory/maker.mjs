// Makes memory and a list of the names it is given, without a manager, and waits for its end.
import { ShareableList, SharedMemory } from '../../dist/shared-memory/index.js'

const [memory, list] = JSON.parse(process.argv[2]).names
new SharedMemory({ name: memory, create: true, size: 5 }).buf.set(Buffer.from('howdy'))
new ShareableList(['howdy', 1], { name: list })
process.send({ kind: 'made' })
process.on('message', () => process.exit())
