// Owns memory and frees it, and kills itself at the step it is told: before or after one of the calls
// that others can see something of. Without a step it tells how many there are.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { names, step } = JSON.parse(process.argv[2])
let steps = 0

function count() {
  steps += 1
  if (steps === step) process.kill(process.pid, 'SIGKILL')
}

function stepped(holder, method) {
  const real = holder[method]
  holder[method] = function (...given) {
    count()
    const result = Reflect.apply(real, this, given)
    count()
    return result
  }
}

for (const method of ['openSync', 'writeSync', 'closeSync', 'unlinkSync']) stepped(fs, method)
stepped(childProcess, 'spawn')
syncBuiltinESMExports()
const { Segment } = await import('../../dist/segment/index.js')
const { SharedMemoryManager } = await import('../../dist/shared-memory/index.js')
stepped(Segment, 'create')
for (const method of ['link', 'close']) stepped(Segment.prototype, method)

const manager = new SharedMemoryManager()
const shm = manager.sharedMemory(100, { name: names[0] })
manager.shareableList(['howdy', 1], { name: names[1] })
shm.unlink()
manager.sharedMemory(200, { name: names[2] })
manager.shutdown()
process.send({ kind: 'done', steps })
