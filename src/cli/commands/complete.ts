import { Command } from 'commander'
import { listRings } from '../../inspect/index.ts'
import { candidatesOf, rejoined, typed } from '../completion/candidates.ts'
import type { Io } from '../io.ts'
import { printable } from '../../inspect/printable.ts'
import { COMMANDS } from '../registry.ts'

/** `framering complete -- WORDS`: what the last of the words may become, for the shells' scripts. */
export function command(io: Io): Command {
  return new Command('complete')
    .description('Print what a command line may go on with; called by the scripts of completion.')
    .argument('[words...]')
    .action(async (given: string[]) => {
      const words = rejoined(given)
      const begun = typed(words)
      for (const [value, means] of await answers(io, words)) {
        if (!value.startsWith(begun) && !value.startsWith(':')) continue
        await io.line(means === '' ? value : `${value}\t${printable(means)}`)
      }
    })
}

type Answers = readonly (readonly [value: string, means: string])[]

async function answers(io: Io, words: readonly string[]): Promise<Answers> {
  const [name, ...rest] = words
  const known = COMMANDS.filter((entry) => !entry.hidden)
  if (rest.length === 0) return known.map((entry) => [entry.name, entry.summary])
  const entry = known.find((one) => one.name === name)
  if (entry === undefined) return []
  const candidates = candidatesOf((await entry.load()).command(io), rest)
  switch (candidates.kind) {
    case 'values':
      return candidates.values
    case 'rings': {
      const rings = await listRings(candidates.directory)
      return rings.map((ring) => [ring, ''])
    }
    case 'files':
    case 'directories':
      return [[`:${candidates.kind}`, '']]
    case 'nothing':
      return []
  }
}
