import type { FourccInfo } from './fourcc.ts'

/** Where a plane stands in a frame. Rows follow each other without padding: `stride` = bytes of a row. */
export interface Plane {
  /** bytes from the start of the frame */
  readonly offset: number
  /** bytes from one row to the next */
  readonly stride: number
}

/** A plane and how many rows it has. */
export interface PlaneRows extends Plane {
  readonly rows: number
}

/**
 * The planes of a picture, in memory order.
 *
 * ```ts
 * planeRows(fourccInfo('NV12')!, 5, 3)
 * // [{ offset: 0, stride: 5, rows: 3 }, { offset: 15, stride: 6, rows: 2 }]
 * ```
 */
export function planeRows(info: FourccInfo, width: number, height: number): readonly PlaneRows[] {
  let offset = 0
  return info.planes.map(({ bytes, across, down }) => {
    const plane = {
      offset,
      stride: bytes * Math.ceil(width / across),
      rows: Math.ceil(height / down),
    }
    offset += plane.stride * plane.rows
    return plane
  })
}
