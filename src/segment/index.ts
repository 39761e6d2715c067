export { type Identity, Segment } from './segment.ts'
export { shmPath } from './shm-path.ts'
export { unlinkFile } from './unlink-file.ts'
