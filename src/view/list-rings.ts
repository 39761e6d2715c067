import { readdir } from 'node:fs/promises'
import { DEFAULT_DIRECTORY } from '../ring/names.ts'

/** Of names that a ring can have: anybody may put others here, with what a terminal obeys in them. */
const DATA_OBJECT = /^framering\.([\w.-]+)\.data$/

/** Names of the rings there are, in order; none where the directory cannot be read. */
export async function listRings(directory = DEFAULT_DIRECTORY): Promise<readonly string[]> {
  const files = await readdir(directory).catch(() => [])
  return files
    .map((file) => DATA_OBJECT.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
}
