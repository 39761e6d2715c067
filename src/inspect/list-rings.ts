import { readdir } from 'node:fs/promises'
import { DEFAULT_DIRECTORY } from '../ring/names.ts'

/** Of names that a ring can have: anybody may put others here, with what a terminal obeys in them. */
const DATA_OBJECT = /^framering\.([\w.-]+)\.data$/

/** The ring that a file of the directory is the data object of. */
export function ringOfFile(file: string): string | undefined {
  return DATA_OBJECT.exec(file)?.[1]
}

/** Names of the rings there are, in order; none where the directory cannot be read. */
export async function listRings(directory = DEFAULT_DIRECTORY): Promise<readonly string[]> {
  const files = await readdir(directory).catch(() => [])
  return files
    .map(ringOfFile)
    .filter((name) => name !== undefined)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
