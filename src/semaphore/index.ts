export {
  createSemaphore,
  openSemaphore,
  SEMAPHORE_MAX,
  unlinkSemaphore,
} from './named-semaphores.ts'
export type { CreateSemaphoreOptions } from './named-semaphores.ts'
export type { Semaphore, WaitOptions } from './semaphore.ts'
