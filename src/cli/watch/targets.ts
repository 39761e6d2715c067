import { access, constants } from 'node:fs/promises'
import { FrameringError } from '../../errors/framering-error.ts'
import { listRings } from '../../inspect/index.ts'
import { DEFAULT_DIRECTORY, directoryOption } from '../../ring/names.ts'

/** The rings of a directory, in order. Throws `OPTION_INVALID` where that cannot be read. */
export async function ringsOf(directory = DEFAULT_DIRECTORY): Promise<readonly string[]> {
  directoryOption(directory)
  try {
    await access(directory, constants.R_OK | constants.X_OK)
  } catch (cause) {
    throw new FrameringError(
      'OPTION_INVALID',
      `${directory} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}); ` +
        `name the directory that the writers were given`,
      { cause },
    )
  }
  return listRings(directory)
}

/** The rings that were named, each once. */
export function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)]
}
