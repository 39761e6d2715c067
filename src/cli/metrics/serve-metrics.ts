import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Registry } from 'prom-client'
import { isOurHost, listen, urlHosts } from '../../http/index.ts'

/** A registry served over HTTP until it is disposed of. */
export interface MetricsServer extends AsyncDisposable {
  readonly url: string
}

/** Serves `GET /metrics`, and nothing else. Rejects with `SYSTEM` when it cannot listen there. */
export async function serveMetrics(
  registry: Registry,
  port: number,
  host: string,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    answer(registry, host, request, response).catch((error: unknown) => {
      response.writeHead(500, TEXT).end(`${error instanceof Error ? error.message : ''}\n`)
    })
  })
  const bound = await listen(server, port, host)
  return {
    url: `http://${urlHosts(host)[0]}:${bound}/metrics`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const LOOPBACK = /^(127\.|::1$|localhost$)/i
const TEXT = { 'content-type': 'text/plain; charset=utf-8' }

async function answer(
  registry: Registry,
  host: string,
  { headers, url, method }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = (status: number, text: string, more: Record<string, string> = {}): void => {
    response.writeHead(status, { ...TEXT, ...more }).end(`${text}\n`)
  }
  response.setHeader('cache-control', 'no-store')
  response.setHeader('x-content-type-options', 'nosniff')
  // From the network a machine may be known by any name; a loopback address is this machine's alone.
  if (LOOPBACK.test(host) && !isOurHost(headers.host, host)) {
    refuse(403, 'not for this host; use the address that framering metrics printed')
  } else if (url?.split('?')[0] !== '/metrics') refuse(404, 'nothing here; try /metrics')
  else if (method !== 'GET' && method !== 'HEAD') {
    refuse(405, 'the metrics can only be read; use GET', { allow: 'GET, HEAD' })
  } else {
    const body = await registry.metrics()
    response.writeHead(200, { 'content-type': registry.contentType })
    response.end(method === 'HEAD' ? undefined : body)
  }
}
