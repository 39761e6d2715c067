import { Command } from 'commander'
import { type ErrorCode, FrameringError } from '../../errors/framering-error.ts'
import { cleanStale, type StaleReport } from '../../ring/index.ts'
import { type CommonFlags, examples, withDirectory, withJson } from '../flags.ts'
import type { Io } from '../io.ts'
import { printable } from '../../inspect/printable.ts'
import { bytesText } from '../units.ts'

/** `framering rm`: removes what is left of rings whose writers are dead. */
export function command(io: Io): Command {
  const rm = new Command('rm')
    .description(
      'Remove what dead writers left of these rings. A ring whose writer lives is refused: end the ' +
        'writer, which removes it. Readers that are still attached keep the frames they have.',
    )
    .argument('<ring...>')
  withJson(rm, 'one line of JSON for each ring')
  return withDirectory(rm)
    .addHelpText(
      'after',
      examples(
        ['framering rm front', 'what a killed writer left of it'],
        ['framering rm front depth --json', 'both, and what that freed'],
      ),
    )
    .action((rings: string[], flags: CommonFlags) => remove(io, rings, flags))
}

async function remove(
  io: Io,
  rings: readonly string[],
  { directory, json }: CommonFlags,
): Promise<void> {
  for (const ring of rings) {
    const report = cleanStale({ ring, directory })
    const failure = failureOf(ring, report)
    const files = report.removed.map(({ path, bytes }) => ({ path, bytes }))
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    if (failure !== undefined) io.fail(failure)
    if (json) {
      const error = failure && { code: failure.code, message: failure.message }
      await io.json({ ring, removed: files, bytes, error: error ?? null })
    } else if (failure === undefined) {
      await io.line(`${printable(ring)}: removed, ${bytesText(bytes)} freed`)
    }
  }
}

function failureOf(ring: string, { removed, kept }: StaleReport): FrameringError | undefined {
  const [stays] = kept
  if (stays !== undefined) {
    const code = stays.code as ErrorCode
    return new FrameringError(
      code,
      code === 'NAME_IN_USE' ? `${stays.reason}: end it, and the ring goes with it` : stays.reason,
    )
  }
  if (removed.length > 0) return undefined
  return new FrameringError(
    'NOT_FOUND',
    `there is nothing of a ring '${ring}' here; framering ls lists what there is`,
  )
}
