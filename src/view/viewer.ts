import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { FrameringError } from '../errors/framering-error.ts'
import { listen, urlHosts } from '../http/index.ts'
import { Lookout } from '../inspect/index.ts'
import { checkOptions, refuse, wholeOption } from '../options/index.ts'
import { checkName, directoryOption } from '../ring/names.ts'
import { Access } from './access.ts'
import { PageSession } from './page-session.ts'
import { Parcels } from './parcels.ts'
import type { News } from './protocol.ts'
import { Rings } from './rings.ts'
import { sendSnapshot, sendStream } from './still-and-stream.ts'

/** What is shown, and to whom. */
export interface ViewerOptions {
  /** left out or empty: all rings of `directory`, as they come */
  readonly rings?: readonly string[] | undefined
  /** address to listen at, `127.0.0.1` unless said: then nobody but this machine gets in */
  readonly host?: string | undefined
  /** 0…65535; 0 and left out: any free one */
  readonly port?: number | undefined
  /** where the rings' objects are, `/dev/shm` unless said */
  readonly directory?: string | undefined
}

/** A viewer's page, served until `close()`. */
export interface Viewer extends AsyncDisposable {
  /** with the token; whoever has it can look */
  readonly url: string
  /** the same by each address of this machine, where it listens at all of them */
  readonly urls: readonly string[]
  close(): Promise<void>
}

/** Written by scripts/page.mjs; seen from here and from dist/view/ alike. */
const PAGE = new URL('../../dist/view/page.html', import.meta.url)
const MAX_ORDER = 4096

/**
 * Serves a page that shows rings live.
 *
 * ```ts
 * await using viewer = await openViewer({ rings: ['front', 'depth'] })
 * console.log(viewer.url) // http://127.0.0.1:41729/6f1c…/
 * ```
 *
 * Rings need not exist yet. Below the address are `stream.mjpg?ring=front&quality=70`,
 * `snapshot.png?ring=front` and `rings.json` as well; both pictures need the package sharp. A ring is
 * joined while somebody looks at it, with one reader for all who do.
 *
 * Rejects with `OPTION_INVALID`, `NAME_INVALID`, and `SYSTEM` when it cannot listen there.
 */
export async function openViewer(options: ViewerOptions = {}): Promise<Viewer> {
  checkOptions('openViewer', options, ['rings', 'host', 'port', 'directory'])
  const { rings: given = [], host = '127.0.0.1' } = options
  if (!Array.isArray(given)) refuse('rings', given, "names, as in ['front']")
  if (typeof host !== 'string' || host === '') refuse('host', host, 'an address')
  const names = given.map(checkName)
  const port = wholeOption('port', options.port, 0, 0, 65535)
  const directory = directoryOption(options.directory)
  // Refuses names that no ring can have: nobody is to wait for one.
  new Lookout(names, { directory })[Symbol.dispose]()
  const page = await loadPage()

  const token = randomBytes(16).toString('hex')
  const access = new Access(token, host)
  const pages = new Set<PageSession>()
  const parcels = new Parcels()
  const tellAll = (news: News): void => {
    for (const session of pages) session.tell(news)
  }
  const rings = new Rings(names, directory, {
    rings: (all) => {
      tellAll({ type: 'rings', rings: all })
    },
    state: (ring, state) => {
      tellAll({ type: 'state', ring, state })
    },
  })
  let closing: Promise<void> | undefined
  const watch = (until: { once(event: 'close', listener: () => void): unknown }): Promise<void> => {
    until.once('close', () => {
      rings.leave()
    })
    return rings.enter()
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      fail(response, error)
    })
  })
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_ORDER,
    perMessageDeflate: false,
  })
  const connections = new Set<Socket>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  server.on('upgrade', (request, socket, head) => {
    const checked = access.check(request)
    if ('refusal' in checked || checked.path !== '/socket') {
      // The server has let go of it: nobody else listens, nor closes what the other side leaves open.
      socket.on('error', () => undefined)
      socket.once('finish', () => socket.destroy())
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n')
      return
    }
    sockets.handleUpgrade(request, socket, head, (open) => {
      const session = new PageSession(open, rings, parcels)
      open.once('close', () => pages.delete(session))
      void watch(open).then(() => {
        if (open.readyState !== WebSocket.OPEN) return
        pages.add(session)
        session.tell({ type: 'rings', rings: rings.names })
        for (const [ring, state] of rings.states) session.tell({ type: 'state', ring, state })
      })
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store')
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    response.setHeader('referrer-policy', 'no-referrer')
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('x-frame-options', 'DENY')
    // Behind another on its connection: until its turn comes nothing would tell that the other side left.
    if (response.socket === null) await once(response, 'socket')
    const checked = access.check(request)
    if ('refusal' in checked) {
      say(response, 403, checked.refusal)
      return
    }
    const { path, query } = checked
    if (request.method !== 'GET') say(response, 405, 'only GET')
    else if (request.url === `/${token}`) {
      response.writeHead(308, { location: `/${token}/` }).end()
    } else if (path === '/') sendPage(request, response, page)
    else if (path === '/rings.json') {
      await rings.enter()
      rings.leave()
      say(response, 200, JSON.stringify({ rings: rings.names }), 'application/json')
    } else if (path.startsWith('/frame/')) {
      const there = parcels.answer(Number(path.slice('/frame/'.length)), response)
      if (!there) say(response, 404, 'no such frame waits; ask for one over the socket')
    } else if (path === '/stream.mjpg' || path === '/snapshot.png') {
      await watch(response)
      if (response.destroyed || closing !== undefined) return
      const feed = rings.feed(query.get('ring') ?? rings.names[0] ?? '')
      if (feed === undefined) {
        say(response, 404, `no such ring; give ?ring= and one of: ${rings.names.join(', ')}`)
        return
      }
      if (path === '/snapshot.png') await sendSnapshot(feed, response)
      else {
        const quality = Number(query.get('quality') ?? 70)
        await sendStream(feed, response, wholeOption('quality', quality, 70, 1, 100))
      }
    } else say(response, 404, `nothing here; try /${token}/`)
  }

  const bound = await listen(server, port, host)
  const close = async (): Promise<void> => {
    for (const socket of sockets.clients) socket.terminate()
    server.close()
    for (const socket of connections) socket.destroy()
    rings.close()
    await once(server, 'close')
  }
  const [own, ...others] = urlHosts(host).map((at) => `http://${at}:${bound}/${token}/`)
  const urls = [own!, ...others] as const
  return {
    url: urls[0],
    urls,
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

async function loadPage(): Promise<Buffer> {
  try {
    return await readFile(PAGE)
  } catch (cause) {
    const message = 'the viewer page is not built; run `npm run setup` in the package'
    throw new FrameringError('SYSTEM', message, { cause })
  }
}

function sendPage(request: IncomingMessage, response: ServerResponse, page: Buffer): void {
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': page.length,
    // Nothing but this server can be reached from the page, whatever a ring's name or frames hold.
    'content-security-policy':
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; " +
      `img-src 'self' data: blob:; media-src blob:; connect-src 'self' ws://${request.headers.host ?? ''}; ` +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    // The page's clock then has steps of 5 µs instead of 100.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  })
  response.end(page)
}

function say(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const { code = 'SYSTEM', message } = error as Partial<FrameringError>
  const status = code === 'FORMAT_INVALID' ? 415 : code === 'OPTION_INVALID' ? 400 : 503
  say(response, status, `${code}: ${message ?? ''}`)
}
