/** The addon's face for pictures, as native/addon/src/conversion.cc exports it. */

/** Where each figure of a conversion stands in its plan. */
export const enum Plan {
  Source = 0,
  Target = 14,
  /** x, y, width, height */
  Crop = 28,
  /** 0 = area, 1 = nearest */
  Resize = 32,
  Flip = 33,
  Rotate = 34,
  Automatic = 35,
  Low = 36,
  High = 37,
  NoValue = 38,
  TensorChannels = 41,
  TensorPlanar = 42,
  TensorBgr = 43,
  Scale = 44,
  Offset = 47,
  Quality = 50,
  OwnOnly = 51,
  Length = 52,
}

/** Where each figure of a picture stands, counted from Plan.Source or Plan.Target. */
export const enum PlanPicture {
  Fourcc = 0,
  Width,
  Height,
  Matrix,
  FullRange,
  PlaneCount,
  /** offset and stride, four times */
  Planes,
}

export interface ConvertBinding {
  /** Bytes used of a compressed target, else 0. `map`: 256 times red, green, blue. */
  convertSync(
    source: Uint8Array,
    target: Uint8Array,
    plan: Float64Array,
    map: Uint8Array | undefined,
  ): number
  /** The same on a thread of libuv's pool. The arrays are held until it is done. */
  convertAsync(
    source: Uint8Array,
    target: Uint8Array,
    plan: Float64Array,
    map: Uint8Array | undefined,
  ): Promise<number>
  jpegSize(data: Uint8Array): { width: number; height: number }
  /** Which libraries were found. */
  converters(): { libyuv: boolean; turbojpeg: boolean }
}
