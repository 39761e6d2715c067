export { encodeImage } from './encode-image.ts'
export type { EncodeOptions } from './encode-image.ts'
export { writeFile } from './write-file.ts'
export { writeTo } from './write-to.ts'
