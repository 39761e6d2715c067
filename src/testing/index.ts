export type { FailingCall } from './heap-transport.ts'
export type { MemoryTransport } from './use-memory-transport.ts'
export { useMemoryTransport } from './use-memory-transport.ts'
