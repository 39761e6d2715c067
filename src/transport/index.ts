export { replaceTransport, transport } from './current.ts'
export * from './native-binding.ts'
export { asFrameringError, STATUS_NAMES } from './native-error.ts'
export type { Transport } from './transport.ts'
