import { randomUUID } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FrameringError } from '../errors/framering-error.ts'
import { aborted } from '../options/index.ts'
import { atExit } from '../process/index.ts'

/**
 * Writes a file so that its name never shows half of it, not after a power failure either: under
 * another name in the same folder first, then renamed. What stood there before stays on failure.
 *
 * `written` is called when the bytes are not read any more; `last` before the file gets its name.
 *
 * Rejects with `SINK_FAILED` (its `cause` is the system's error), `ABORTED`, and what `written` throws.
 */
export async function writeAtomically(
  path: string,
  parts: readonly Uint8Array[],
  signal: AbortSignal | undefined,
  written: () => void = () => undefined,
  last: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const temporary = join(dirname(path), `.framering-${process.pid}-${randomUUID()}`)
  const unhook = atExit(() => {
    try {
      unlinkSync(temporary)
    } catch {
      // not made yet, or renamed already
    }
  })
  try {
    const file = await open(temporary, 'wx')
    try {
      for (const part of parts) {
        await file.writeFile(part, signal === undefined ? {} : { signal })
      }
      written()
      await file.sync()
    } finally {
      await file.close()
    }
    await last()
    if (signal?.aborted) throw aborted(`writing ${path}`, signal)
    await rename(temporary, path)
  } catch (cause) {
    await unlink(temporary).catch(() => undefined)
    if (cause instanceof FrameringError) throw cause
    if (signal?.aborted) throw aborted(`writing ${path}`, signal)
    const { code, message } = cause as NodeJS.ErrnoException
    const why =
      code === 'ENOENT'
        ? `there is no folder ${dirname(path)}; make it first`
        : message.replaceAll(temporary, path)
    throw new FrameringError('SINK_FAILED', `${path} was not written: ${why}`, { cause })
  } finally {
    unhook()
  }
}
