export * from './binding.ts'
export { native } from './load.ts'
export { asFrameringError } from './native-error.ts'
