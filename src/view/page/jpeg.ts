import type { PictureLayout } from '../picture/layout.ts'

/**
 * A JPEG as RGBA.
 *
 * @throws RangeError for what the browser cannot read as a JPEG
 */
export async function decodeJpeg(
  bytes: Uint8Array<ArrayBuffer>,
  sequence: number,
): Promise<{ layout: PictureLayout; bytes: Uint8Array<ArrayBuffer> }> {
  let bitmap: ImageBitmap
  try {
    const blob = new Blob([bytes], { type: 'image/jpeg' })
    bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none' })
  } catch {
    throw new RangeError(`Frame ${sequence} is no JPEG that the browser can read.`)
  }
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    willReadFrequently: true,
  })!
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width, height)
  return {
    layout: { kind: 'rgb', width, height, bytes: data.length, channels: 4, order: [0, 1, 2] },
    bytes: new Uint8Array(data.buffer),
  }
}
