import { Option, type Command } from 'commander'
import type { CommonFlags } from '../flags.ts'
import { misused, number, wholeNumber } from '../flags.ts'
import type { FormatFlags } from '../format-flags.ts'

/** What `framering pub` can be told. */
export interface PubFlags extends CommonFlags, FormatFlags {
  readonly from: string
  readonly fps?: number
  readonly loop?: true
  readonly realtime?: true
  readonly inputArgs?: readonly string[]
  readonly slots?: number
  readonly readers?: number
  readonly mode?: number
  readonly lock?: 'try' | 'required' | 'none'
  readonly count?: number
  readonly duration?: number
}

/** The flags of the ring and of its end. */
export function withRingFlags(command: Command): Command {
  return command
    .option('--slots <n>', 'frames the ring has room for (8)', wholeNumber('slots', 2, 1000))
    .option('--readers <n>', 'readers at the same time (32)', wholeNumber('readers', 1, 64))
    .option('--mode <octal>', 'who may read, as of a file (600)', mode)
    .addOption(
      new Option('--lock <how>', 'whether the memory is locked, never swapped out (try)').choices([
        'try',
        'required',
        'none',
      ]),
    )
    .option(
      '--count <n>',
      'ends after so many frames',
      wholeNumber('count', 1, Number.MAX_SAFE_INTEGER),
    )
    .option('--duration <s>', 'ends after so many seconds', seconds('duration'))
}

/** Reads seconds, which a timer holds. */
export function seconds(flag: string): (text: string) => number {
  const read = number(flag, 0.001, 'seconds')
  return (text) => {
    const value = read(text)
    if (value <= LONGEST) return value
    throw misused(`--${flag} takes at most ${LONGEST} seconds, got '${text}'`)
  }
}

/** Beyond 2³¹ ms a timer runs off at once. */
const LONGEST = 2_000_000

function mode(text: string): number {
  if (/^0?[0-7]{3}$/.test(text)) return Number.parseInt(text, 8)
  throw misused(`--mode takes three octal digits, as in 640, got '${text}'`)
}
