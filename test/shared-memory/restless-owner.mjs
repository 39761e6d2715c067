// Makes and frees memory of the names it is given, over and over, until somebody kills it.
import { SharedMemoryManager } from '../../dist/shared-memory/index.js'

const { names } = JSON.parse(process.argv[2])
process.send({ kind: 'owns' })
for (;;) {
  const manager = new SharedMemoryManager()
  for (let round = 0; round < 20; round++) {
    const all = names.map((name) => manager.shareableList([name, round], { name }))
    for (const list of all) list.unlink()
  }
  for (const name of names) manager.sharedMemory(100, { name })
  manager.shutdown()
}
