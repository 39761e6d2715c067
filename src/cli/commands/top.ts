import { Command } from 'commander'
import { setTimeout } from 'node:timers/promises'
import { now } from '../../ring/index.ts'
import { examples, misused, wholeNumber, withDirectory, withJson } from '../flags.ts'
import type { CommonFlags } from '../flags.ts'
import type { Io } from '../io.ts'
import type { Survey } from '../top/survey.ts'

const USUAL_INTERVAL = 500

interface Flags extends CommonFlags {
  readonly interval: number
}

/** `framering top`: what rings and their readers do, full screen, until q is pressed. */
export function command(io: Io): Command {
  const top = new Command('top')
    .description(
      'Watch rates, drops, readers and who holds what; of all rings, unless some are named. ' +
        'Joins none of them.',
    )
    .argument('[ring...]')
    .option(
      '--interval <ms>',
      'milliseconds between two looks, 100 or more',
      wholeNumber('interval', 100, 3_600_000),
      USUAL_INTERVAL,
    )
  withJson(top, 'a line of JSON for each look, and no screen')
  return withDirectory(top)
    .addHelpText(
      'after',
      examples(
        ['framering top', 'all rings; ? lists the keys'],
        ['framering top front depth', 'these two'],
        ['framering top --json | head -2', 'two looks'],
      ),
    )
    .action((rings: string[], flags: Flags) => watch(io, rings, flags))
}

async function watch(io: Io, rings: readonly string[], flags: Flags): Promise<void> {
  const { directory, interval, json } = flags
  if (!json && !(io.isTTY && io.terminal.input.isTTY)) {
    throw misused('there is no terminal to show it in; --json gives a line for each look')
  }
  const { Survey } = await import('../top/survey.ts')
  const survey = new Survey(rings, directory)
  try {
    if (json) await tell(io, survey, interval)
    else {
      const { watchFullScreen } = await import('../top/top.ts')
      await watchFullScreen(io, survey, interval)
    }
  } finally {
    survey[Symbol.dispose]()
  }
}

async function tell(io: Io, survey: Survey, interval: number): Promise<void> {
  const { signal } = io
  while (!signal.aborted) {
    await io.json({ time: now(), rings: await survey.look() })
    await setTimeout(interval, undefined, { signal }).catch(() => undefined)
  }
}
