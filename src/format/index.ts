export type { ColorDescription } from './color.ts'
export {
  FOURCCS,
  type FourccInfo,
  fourccInfo,
  packFourcc,
  type PlaneInfo,
  unpackFourcc,
} from './fourcc.ts'
export { type Plane, type PlaneRows, planeRows } from './planes.ts'
export {
  type FormatSpec,
  type FrameFormat,
  type PictureFormat,
  resolveFormat,
  specOf,
} from './resolve-format.ts'
