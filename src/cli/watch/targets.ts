import { access, constants, stat } from 'node:fs/promises'
import { FrameringError } from '../../errors/framering-error.ts'
import { listRings } from '../../inspect/index.ts'
import { DEFAULT_DIRECTORY, directoryOption } from '../../ring/names.ts'

/** The rings of a directory, in order. Throws `OPTION_INVALID` where that cannot be read. */
export async function ringsOf(directory = DEFAULT_DIRECTORY): Promise<readonly string[]> {
  directoryOption(directory)
  try {
    if (!(await stat(directory)).isDirectory()) throw notThat(`${directory} is no directory`)
    await access(directory, constants.R_OK | constants.X_OK)
  } catch (cause) {
    if (cause instanceof FrameringError) throw cause
    const { code = 'unknown' } = cause as NodeJS.ErrnoException
    throw notThat(`${directory} cannot be read (${code})`, cause)
  }
  return listRings(directory)
}

function notThat(directory: string, cause?: unknown): FrameringError {
  const text = `${directory}; name the directory that the writers were given`
  return new FrameringError('OPTION_INVALID', text, { cause })
}

/** The rings that were named, each once. */
export function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
