export { replaceTransport, transport } from './current.ts'
export * from './native-binding.ts'
export { asFrameringError } from './native-error.ts'
export type { Transport } from './transport.ts'
