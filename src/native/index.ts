export { loadNative } from './load-native.ts'
export { asFrameringError, STATUS_NAMES } from './native-error.ts'
export * from './ring-binding.ts'
export * from './segment-binding.ts'
