export { frames } from './frames.ts'
export { leaseMap } from './lease-map.ts'
export { syncFrames } from './sync-frames.ts'
export type { FrameSet, SyncOptions } from './sync-frames.ts'
