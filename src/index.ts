/**
 * Frames in shared memory, from one process to many.
 *
 * ```ts
 * import { createWriter, frames } from 'framering'
 *
 * const writer = createWriter('front', { format: { fourcc: 'RGB3', width: 1920, height: 1080 } })
 * writer.write(pixels)
 *
 * frames('front').subscribe((frame) => { frame.array })   // in any other process: no copy
 * ```
 *
 * @packageDocumentation
 */
export { FrameringError } from './errors/framering-error.ts'
export type { ErrorCode, ErrorDetails } from './errors/framering-error.ts'
export { findFormat, FOURCCS, fourccInfo, resolveFormat, specOf } from './format/index.ts'
export type {
  ChromaInfo,
  ColorDescription,
  FormatName,
  FormatSpec,
  FourccInfo,
  FrameFormat,
  PictureFormat,
  Plane,
  PlaneInfo,
} from './format/index.ts'
export * from './frames/index.ts'
export {
  decodeNpy,
  DTYPES,
  encodeNpy,
  fromArray,
  fromBytes,
  NdArray,
  zeros,
} from './ndarray/index.ts'
export type { Complex, DType, ElementOf, Nested, SliceRange, StorageOf } from './ndarray/index.ts'
export * from './ring/index.ts'
export { inspect, Inspector, paceOfMoments, rings, stats } from './inspect/index.ts'
export type {
  HeldReport,
  InspectOptions,
  LookOptions,
  Moment,
  ObjectReport,
  Pace,
  ReaderReport,
  RingEvent,
  RingReport,
  RingsOptions,
  SlotReport,
  StatsOptions,
} from './inspect/index.ts'
