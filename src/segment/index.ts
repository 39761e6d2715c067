export { type Identity, isStill } from './identity.ts'
export { Segment } from './segment.ts'
export { shmPath } from './shm-path.ts'
export { unlinkFile } from './unlink-file.ts'
