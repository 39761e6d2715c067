import { Command } from 'commander'
import { once } from 'node:events'
import { FrameringError } from '../../errors/framering-error.ts'
import type { Viewer, ViewerOptions } from '../../view/index.ts'
import { examples, misused, wholeNumber, withDirectory, withJson } from '../flags.ts'
import type { CommonFlags } from '../flags.ts'
import type { Io } from '../io.ts'

const USUAL_PORT = 8433

interface Flags extends CommonFlags {
  readonly port?: number
  readonly host?: string
  readonly tty?: true
  readonly fps?: number
}

/** `framering view`: serves the page until it is interrupted, or paints in the terminal. */
export function command(io: Io): Command {
  const view = new Command('view')
    .description('Watch rings live; all there are, unless some are named.')
    .argument('[ring...]')
    .option(
      '--port <n>',
      `port of the page (${USUAL_PORT}, or any free one where that is taken)`,
      wholeNumber('port', 0, 65535),
    )
    .option(
      '--host <address>',
      'address to listen at; others than 127.0.0.1 can be reached from the network, and whoever ' +
        'has the address with its token can look',
    )
    .option('--tty', 'in this terminal, without a browser; q ends')
    .option('--fps <n>', 'with --tty: frames a second at most (15)', wholeNumber('fps', 1, 60))
  withJson(view, 'the address as a line of JSON')
  return withDirectory(view)
    .addHelpText(
      'after',
      examples(
        ['framering view', 'all rings, in a browser'],
        ['framering view front depth', 'these two'],
        ['framering view front --tty', 'in this terminal, over ssh too'],
      ),
    )
    .action((rings: string[], flags: Flags) => show(io, rings, flags))
}

// The viewer is loaded here and not above: help and completion need none of it.
async function show(io: Io, rings: readonly string[], flags: Flags): Promise<void> {
  const { fps, directory } = flags
  if (flags.tty) {
    if (rings.length > 1) throw misused('--tty shows one ring; name one')
    const { watchInTerminal } = await import('../../view/index.ts')
    await watchInTerminal({ ring: rings[0], fps, directory })
    return
  }
  if (fps !== undefined) throw misused('--fps goes with --tty')
  await serve(io, rings, flags)
}

async function serve(io: Io, rings: readonly string[], flags: Flags): Promise<void> {
  const { host, port, directory } = flags
  await using viewer = await open({ rings, host, port, directory })
  if (flags.json) await io.json({ url: viewer.url, urls: viewer.urls, rings })
  else {
    for (const url of viewer.urls) await io.line(url)
    const where = viewer.urls.length > 1 ? 'here or on another machine' : 'on this machine'
    await io.line(`Open it in a browser ${where}; Ctrl-C ends.`)
  }
  if (!io.signal.aborted) await once(io.signal, 'abort')
}

async function open(options: ViewerOptions): Promise<Viewer> {
  const { openViewer } = await import('../../view/index.ts')
  if (options.port !== undefined) return openViewer(options)
  try {
    return await openViewer({ ...options, port: USUAL_PORT })
  } catch (error) {
    const cause = error instanceof FrameringError ? error.cause : undefined
    if ((cause as NodeJS.ErrnoException | undefined)?.code !== 'EADDRINUSE') throw error
    return openViewer({ ...options, port: 0 })
  }
}
