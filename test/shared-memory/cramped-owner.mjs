// Asks a manager for memory where there is room for the memory alone, and tells what came of it.
import { readdirSync } from 'node:fs'
import { SharedMemoryManager } from '../../dist/shared-memory/index.js'

const { name } = JSON.parse(process.argv[2])
const manager = new SharedMemoryManager()

function refusal() {
  try {
    manager.sharedMemory(4096, { name })
    return { code: 'none' }
  } catch ({ code, message }) {
    return { code, message }
  }
}

const { code, message } = refusal()
const left = readdirSync('/dev/shm')
manager.shutdown()
process.send({ kind: 'refused', code, message, left, small: refusal().code })
process.disconnect()
