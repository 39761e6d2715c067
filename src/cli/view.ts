import { FrameringError } from '../errors/framering-error.ts'
import { openViewer, type Viewer, type ViewerOptions, watchInTerminal } from '../view/index.ts'
import { interrupted, parseFlags, UsageError, wholeFlag } from './usage.ts'

const USUAL_PORT = 8433

const HELP = `framering view [ring…]: watch rings live; all there are, unless some are named

  --port N       port of the page                         (${USUAL_PORT}, or any free one where that is taken)
  --host ADDR    address to listen at; others than 127.0.0.1 can be reached from the network, and
                 whoever has the address with its token can look
  --directory D  where the rings are                      (/dev/shm)
  --json         the address as a line of JSON
  --tty          in this terminal, without a browser; q ends
  --fps N        with --tty: frames a second at most      (15)
`

/** `framering view`: serves the page until it is interrupted, or paints in the terminal. */
export async function view(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags('view', args, {
    help: { type: 'boolean', short: 'h' },
    port: { type: 'string' },
    host: { type: 'string' },
    directory: { type: 'string' },
    json: { type: 'boolean' },
    tty: { type: 'boolean' },
    fps: { type: 'string' },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const { host, directory } = values
  const port = wholeFlag('port', values.port, 0, 65535)
  const fps = wholeFlag('fps', values.fps, 1, 60)
  if (values.tty) {
    const [ring] = positionals
    if (positionals.length > 1) throw new UsageError('--tty shows one ring; name one')
    await watchInTerminal({ ring, fps, directory })
    return 0
  }
  if (fps !== undefined) throw new UsageError('--fps goes with --tty')

  const stop = interrupted()
  await using viewer = await open({ rings: positionals, host, port, directory })
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ url: viewer.url, rings: positionals })}\n`
      : `${viewer.url}\nOpen it in a browser on this machine; Ctrl-C ends.\n`,
  )
  await stop
  return 0
}

async function open(options: ViewerOptions): Promise<Viewer> {
  if (options.port !== undefined) return openViewer(options)
  try {
    return await openViewer({ ...options, port: USUAL_PORT })
  } catch (error) {
    const cause = error instanceof FrameringError ? error.cause : undefined
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'EADDRINUSE') throw error
    return openViewer({ ...options, port: 0 })
  }
}
