export type { ColorDescription } from './color.ts'
export { findFormat, type FormatName } from './find-format.ts'
export {
  type ChromaInfo,
  FOURCCS,
  type FourccInfo,
  fourccInfo,
  packFourcc,
  type PlaneInfo,
  unpackFourcc,
} from './fourcc.ts'
export { planeLayouts, type PlaneLayout } from './plane-layouts.ts'
export { type Plane, type PlaneRows, planeRows } from './planes.ts'
export {
  type FormatSpec,
  type FrameFormat,
  type PictureFormat,
  resolveFormat,
  specOf,
} from './resolve-format.ts'
