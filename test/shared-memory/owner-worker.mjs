// Owns memory of the names it is given, in a worker thread that never ends by itself.
import { parentPort, workerData } from 'node:worker_threads'
import { SharedMemoryManager } from '../../dist/shared-memory/index.js'

const manager = new SharedMemoryManager()
for (const name of workerData) manager.sharedMemory(100, { name })
parentPort.postMessage('owns')
parentPort.on('message', () => process.exit())
