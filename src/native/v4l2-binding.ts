/** The addon's face for V4L2 cameras, as native/addon/src/v4l2_device.cc exports it. */

export interface NativeV4l2Info {
  driver: string
  card: string
  busInfo: string
  /** V4L2_CAP_* of this node */
  capabilities: number
  multiPlanar: boolean
}

export interface NativeV4l2FormatEntry {
  pixelformat: number
  /** V4L2_FMT_FLAG_* */
  flags: number
  description: string
}

export interface NativeV4l2SizeEntry {
  stepwise: boolean
  minWidth: number
  maxWidth: number
  stepWidth: number
  minHeight: number
  maxHeight: number
  stepHeight: number
}

/** seconds from frame to frame, as a fraction */
export type NativeV4l2Interval = readonly [number, number]

export interface NativeV4l2IntervalEntry {
  stepwise: boolean
  min: NativeV4l2Interval
  max: NativeV4l2Interval
}

export interface NativeV4l2Format {
  pixelformat: number
  width: number
  height: number
  /** V4L2_FIELD_* */
  field: number
  /** one per plane of a buffer; 0 = the driver does not say */
  strides: readonly number[]
  bytes: readonly number[]
  colorspace: number
  ycbcr: number
  quantization: number
  transfer: number
}

/** Rows copied together: from a plane of the driver's to the frame. */
export interface NativeV4l2Rows {
  plane: number
  rows: number
  sourceOffset: number
  sourceStride: number
  offset: number
  stride: number
  rowBytes: number
}

export interface NativeV4l2Frame {
  /** a frame is out, for `copy`; false: none was ready */
  held: boolean
  /** buffers put back unread since the last call */
  damaged: number
  sequence: number
  /** V4L2_BUF_FLAG_* */
  flags: number
  seconds: number
  microseconds: number
  bytes: number
}

export interface NativeV4l2Control {
  id: number
  /** V4L2_CTRL_TYPE_* */
  type: number
  /** V4L2_CTRL_FLAG_* */
  flags: number
  name: string
  minimum: number
  maximum: number
  step: number
  default: number
}

/** The lists: index 0, 1, … until there is none. A driver may never end one. */
export interface NativeV4l2 {
  info(): NativeV4l2Info
  formatAt(index: number): NativeV4l2FormatEntry | undefined
  sizeAt(pixelformat: number, index: number): NativeV4l2SizeEntry | undefined
  intervalAt(at: {
    pixelformat: number
    width: number
    height: number
    index: number
  }): NativeV4l2IntervalEntry | undefined
  getFormat(): NativeV4l2Format
  /** what the driver made of it */
  setFormat(pixelformat: number, width: number, height: number): NativeV4l2Format
  /** [0, 0]: the driver does not say */
  getInterval(): NativeV4l2Interval
  setInterval(numerator: number, denominator: number): NativeV4l2Interval
  controlAfter(id: number): NativeV4l2Control | undefined
  menuAt(id: number, index: number): { name: string; value: number } | undefined
  getControl(id: number, type: number): number
  setControl(id: number, type: number, value: number): void
  start(buffers: number, rows: readonly NativeV4l2Rows[]): void
  /** Calls it from the event loop while frames are there, with true for the last time: it hung up. */
  watch(onReady: (hungUp: boolean) => void): void
  unwatch(): void
  dequeue(): NativeV4l2Frame
  /** Puts the held frame there, and gives its buffer back. Returns its bytes. */
  copy(target: Uint8Array): number
  /** Ends stream and watch; idempotent. */
  stop(): void
  /** idempotent */
  close(): void
}

export interface V4l2Binding {
  openV4l2(options: { path: string }): NativeV4l2
}
