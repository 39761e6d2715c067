import { writeFile } from 'node:fs/promises'
import type { PictureSource } from './pictures.ts'

/** Writes the next frame to a PNG file, without loss. */
export async function writeSnapshot(pictures: PictureSource, file: string): Promise<void> {
  const { sequence, bytes } = await pictures.next('png')
  await writeFile(file, bytes)
  console.error(`frame ${sequence} is in ${file}`)
}
