import { Command } from 'commander'
import { once } from 'node:events'
import type * as PromClient from 'prom-client'
import { loadPeer } from '../../peers/load-peer.ts'
import { examples, wholeNumber, withDirectory, withJson } from '../flags.ts'
import type { CommonFlags } from '../flags.ts'
import type { Io } from '../io.ts'

const USUAL_PORT = 9464

interface Flags extends CommonFlags {
  readonly port: number
  readonly host: string
}

/** `framering metrics`: serves what rings and their readers do to Prometheus, until it is interrupted. */
export function command(io: Io): Command {
  const metrics = new Command('metrics')
    .description(
      'Serve figures of rings and their readers to Prometheus; of all rings, unless some are named. ' +
        'Needs the package prom-client.',
    )
    .argument('[ring...]')
    .option(
      '--port <n>',
      `port to listen at, 0 for any that is free`,
      wholeNumber('port', 0, 65535),
      USUAL_PORT,
    )
    .option(
      '--host <address>',
      'address to listen at; others than this one can be reached from the network',
      '127.0.0.1',
    )
  withJson(metrics, 'the address as a line of JSON')
  return withDirectory(metrics)
    .addHelpText(
      'after',
      examples(
        ['framering metrics', 'at http://127.0.0.1:9464/metrics'],
        ['framering metrics front depth', 'of these two'],
        ['framering metrics --host 0.0.0.0', 'for a Prometheus on another machine'],
      ),
    )
    .action((rings: string[], flags: Flags) => serve(io, rings, flags))
}

// prom-client and the figures are loaded here and not above: help and completion need none of it.
async function serve(io: Io, rings: readonly string[], flags: Flags): Promise<void> {
  const { directory, host, port, json } = flags
  const { Registry } = (await loadPeer('prom-client', 'framering metrics')) as typeof PromClient
  const { registerMetrics } = await import('../../metrics/index.ts')
  const { serveMetrics } = await import('../metrics/serve-metrics.ts')
  const registry = new Registry()
  const metrics = registerMetrics(registry, { rings, directory })
  const server = await serveMetrics(registry, port, host)
  await (json ? io.json({ url: server.url, rings }) : io.line(server.url))
  if (!io.signal.aborted) await once(io.signal, 'abort')
  await server[Symbol.asyncDispose]()
  metrics[Symbol.dispose]()
}
