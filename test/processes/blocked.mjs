// A worker that blocks for ever on a ring where nothing comes.
import { parentPort, workerData } from 'node:worker_threads'
import { openReader } from 'framering'

const reader = openReader(workerData)
parentPort.postMessage('blocking')
reader.waitSync()
