import { Command, Option } from 'commander'
import { FrameringError } from '../../errors/framering-error.ts'
import { printable } from '../../inspect/printable.ts'
import { now } from '../../ring/index.ts'
import { FIELD_NAMES, type FieldName, type Seen, USUAL_FIELDS, valueOf } from '../echo/fields.ts'
import { fieldOf, type Filter, filterOf } from '../echo/filter.ts'
import { type LostFrames, type Passing, passing } from '../echo/stream.ts'
import { type CommonFlags, examples, wholeNumber, withDirectory, withJson } from '../flags.ts'
import type { Io } from '../io.ts'
import { counted } from '../units.ts'
import { UNKNOWN } from '../watch/figures.ts'
import { restartText, WatchedRing } from '../watch/watched-ring.ts'

/** ms that a timer can wait. */
const LONGEST = 2 ** 31 - 1

interface Flags extends CommonFlags {
  readonly once?: true
  readonly count?: number
  readonly timeout?: number
  readonly fields?: readonly FieldName[]
  readonly filter?: Filter
}

/** `framering echo`: headers of frames as they come. */
export function command(io: Io): Command {
  const echo = new Command('echo')
    .description(
      'The header of each frame, from the newest on, and what was lost between: dropped for want of ' +
        'a free slot, or gone from its slot before it could be looked at.',
    )
    .argument('<ring>')
    .addOption(new Option('--once', 'ends after one frame').conflicts('count'))
    .option(
      '-n, --count <n>',
      'ends after so many frames',
      wholeNumber('count', 1, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--timeout <ms>',
      'ends with exit code 4 when no frame came for so long; one that is older does not count',
      wholeNumber('timeout', 1, LONGEST),
    )
    .option('--fields <a,b,…>', 'these alone, in this order', (text: string) =>
      text.split(',').map((name) => fieldOf(name.trim(), '--fields')),
    )
    .option(
      '--filter <expression>',
      "frames that fit alone: comparisons joined by 'and', as in 'gap>0 and bytesUsed>1000'",
      filterOf,
    )
  withJson(echo, 'a line of JSON a frame, with all fields')
  return withDirectory(echo)
    .addHelpText(
      'after',
      `\nFields: ${FIELD_NAMES.join(', ')}\n` +
        examples(
          ['framering echo front', 'each frame'],
          [
            'framering echo front --once --timeout 1000',
            'is one no older than a second, or to come in one?',
          ],
          ["framering echo front --filter 'gap>0 and bytesUsed>1000'", 'those after a loss'],
          [
            'framering echo front --json --fields sequence,captureAge',
            'two figures, for a program',
          ],
        ),
    )
    .action((name: string, flags: Flags) => echoRing(io, name, flags))
}

async function echoRing(io: Io, name: string, flags: Flags): Promise<void> {
  using ring = new WatchedRing(name, flags)
  const fields = flags.fields ?? (flags.json ? FIELD_NAMES : USUAL_FIELDS)
  const most = flags.once ? 1 : (flags.count ?? Infinity)
  const silence = new AbortController()
  const late = (): void => {
    silence.abort()
  }
  // What was there before and nobody waited for says nothing of a source that may have stopped.
  const oldest = flags.timeout === undefined ? -Infinity : now() - flags.timeout
  let due = now() + (flags.timeout ?? 0)
  let timer = flags.timeout === undefined ? undefined : setTimeout(late, flags.timeout)
  let count = 0
  try {
    for await (const passed of passing(ring, AbortSignal.any([io.signal, silence.signal]))) {
      if (passed.kind === 'frame') {
        if (passed.seen.moment.time < oldest) continue
        if (!(flags.filter?.(passed.seen) ?? true)) continue
      }
      // While whoever reads the output takes their time no frame is waited for.
      clearTimeout(timer)
      const begun = now()
      await (flags.json
        ? io.json(jsonOf(name, passed, fields))
        : io.line(text(name, passed, fields)))
      if (passed.kind === 'frame' && ++count === most) return
      if (flags.timeout === undefined) continue
      due = passed.kind === 'frame' ? now() + flags.timeout : due + now() - begun
      timer = setTimeout(late, due - now())
    }
  } finally {
    clearTimeout(timer)
  }
  if (silence.signal.aborted && !io.signal.aborted) {
    throw new FrameringError(
      'TIMED_OUT',
      `no ${flags.filter === undefined ? 'frame' : 'frame that fits'} came from ring '${name}' for ` +
        `${flags.timeout ?? 0} ms; see what its writer does: framering explain ${name}`,
    )
  }
}

function jsonOf(ring: string, passed: Passing, fields: readonly FieldName[]): object {
  switch (passed.kind) {
    case 'frame':
      return { ring, kind: 'frame', ...valuesOf(passed.seen, fields) }
    case 'lost':
      return { ring, ...passed }
    case 'restart': {
      const { restart, report } = passed.news
      return { ring, kind: restart, session: report.session, pid: report.writer.pid }
    }
  }
}

function valuesOf(seen: Seen, fields: readonly FieldName[]): object {
  return Object.fromEntries(fields.map((field) => [field, valueOf(field, seen)]))
}

function text(ring: string, passed: Passing, fields: readonly FieldName[]): string {
  switch (passed.kind) {
    case 'frame':
      return fields.map((field) => `${field}=${shown(field, passed.seen)}`).join('  ')
    case 'lost':
      return `# ${lostText(passed)}`
    case 'restart':
      return `# ${restartText(ring, passed.news)}`
  }
}

function shown(field: FieldName, seen: Seen): string {
  const value = valueOf(field, seen)
  if (value === null) return UNKNOWN
  if (typeof value === 'number') return Number.isInteger(value) ? `${value}` : value.toFixed(3)
  return printable(typeof value === 'object' ? value.join(',') : String(value))
}

function lostText({ first, last, dropped, unseen }: LostFrames): string {
  const why = [
    ...(dropped > 0 ? [`${dropped} dropped for want of a free slot`] : []),
    ...(unseen > 0 ? [`${unseen} passed unseen`] : []),
  ].join(', ')
  const which = first === last ? `${first}` : `${first} to ${last}`
  return `${counted(last - first + 1, 'frame')} lost (${which}): ${why}`
}
