import { parseArgs } from 'node:util'
import { choiceFlag, numberFlag, usageError } from '../common/flags.ts'

const HELP = `Receives the frames of a ring, and waits for its writer where there is none yet.

  --ring NAME        name of the ring                                             (demo)
  --delivery HOW     latest, every or reliable                                    (latest)
  --serve            show the stream as a web page on 127.0.0.1
  --port N           its port                             (8080, or any where that is taken)
  --snapshot FILE    write the first frame to a PNG file, and end unless --serve or --frames say more
  --frames N         end after so many
  --once             end with the writer; otherwise the next one is waited for
  --verify           check every byte of every frame; exit code 1 if one was torn
                     (frames of the test pattern, or of a writer with --checksum)
  --json             each line as JSON; the last one has "done": true
`

const DELIVERIES = ['latest', 'every', 'reliable'] as const

export interface ReaderArguments {
  readonly ring: string
  readonly delivery: (typeof DELIVERIES)[number]
  readonly serve: boolean
  readonly port: number | undefined
  readonly snapshot: string | undefined
  readonly frames: number
  readonly once: boolean
  readonly verify: boolean
  readonly json: boolean
}

/** What the command line says. Ends the process for --help and for what makes no sense. */
export function readerArguments(args: string[]): ReaderArguments {
  const flags = parsed(args)
  if (flags.help) {
    process.stdout.write(HELP)
    process.exit(0)
  }
  const { ring, serve, snapshot, verify, json } = flags
  const port = numberFlag('port', flags.port, { least: 0 })
  if (port !== undefined && !serve) usageError('--port goes with --serve')
  if (port !== undefined && port > 65535) usageError('--port takes a number up to 65535')
  const frames = numberFlag('frames', flags.frames)
  const only = snapshot !== undefined && !serve ? 1 : Infinity
  return {
    ring,
    delivery: choiceFlag('delivery', flags.delivery, DELIVERIES),
    serve,
    port,
    snapshot,
    frames: frames ?? only,
    once: flags.once || frames !== undefined,
    verify,
    json,
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        ring: { type: 'string', default: 'demo' },
        delivery: { type: 'string', default: 'latest' },
        serve: { type: 'boolean', default: false },
        port: { type: 'string' },
        snapshot: { type: 'string' },
        frames: { type: 'string' },
        once: { type: 'boolean', default: false },
        verify: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    }).values
  } catch (error) {
    usageError((error as Error).message)
  }
}
