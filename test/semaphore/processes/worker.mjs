// Waits for a semaphore that nobody posts.
import { parentPort, workerData } from 'node:worker_threads'
import { openSemaphore } from '../../../dist/semaphore/index.js'

const semaphore = openSemaphore(workerData.name)
if (workerData.way === 'sync') {
  parentPort.postMessage('waiting')
  semaphore.waitSync()
} else if (workerData.way === 'untold') {
  // The thread has taken a unit, and the event loop is kept from telling.
  void semaphore.wait()
  semaphore.post()
  while (semaphore.value > 0);
  parentPort.postMessage('waiting')
  for (;;);
} else {
  for (let i = 0; i < 3; i++) void semaphore.wait()
  parentPort.postMessage('waiting')
}
