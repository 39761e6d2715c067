export { replaceTransport, transport } from './current.ts'
export type { Transport } from './transport.ts'
