import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PAGE } from './page-html.ts'
import type { PictureSource } from './pictures.ts'

const BOUNDARY = 'framering-next'
const USUAL_PORT = 8080

/** A web page with the live picture and figures; only this machine can see it. */
export interface LivePage extends AsyncDisposable {
  readonly url: string
}

/**
 * - `/` the page
 * - `/stream.mjpg` multipart JPEG, one part per frame with its sequence as `X-Sequence`
 * - `/snapshot.png` the next frame, without loss
 * - `/stats.json` what `figures` returns
 *
 * @param port undefined: 8080, or any free one where that is taken
 */
export async function openLivePage(
  pictures: PictureSource,
  figures: (viewers: number) => object,
  port: number | undefined,
): Promise<LivePage> {
  let viewers = 0
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => {
      response.destroy()
    })
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store')
    response.setHeader('cross-origin-resource-policy', 'same-origin')
    response.setHeader('x-content-type-options', 'nosniff')
    // A foreign site whose name was made to point at 127.0.0.1 would otherwise see the camera.
    if (!isLocal(request.headers.host)) {
      send(response, 403, 'text/plain', 'not for this host')
    } else if (request.url === '/') {
      send(response, 200, 'text/html; charset=utf-8', PAGE)
    } else if (request.url === '/stats.json') {
      send(response, 200, 'application/json', JSON.stringify(figures(viewers)))
    } else if (request.url === '/snapshot.png') {
      await sendSnapshot(response, pictures)
    } else if (request.url === '/stream.mjpg') {
      viewers++
      response.once('close', () => viewers--)
      await stream(response, pictures)
    } else {
      send(response, 404, 'text/plain', 'try /')
    }
  }

  await listen(server, port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** A browser gets its next picture when the one before is out: slow ones skip frames, nothing piles up. */
async function stream(response: ServerResponse, pictures: PictureSource): Promise<void> {
  response.writeHead(200, { 'content-type': `multipart/x-mixed-replace; boundary=${BOUNDARY}` })
  response.write(`--${BOUNDARY}\r\n`)
  while (!response.destroyed) {
    const { bytes, sequence } = await pictures.next('jpeg')
    response.cork()
    response.write('Content-Type: image/jpeg\r\n')
    response.write(`Content-Length: ${bytes.length}\r\nX-Sequence: ${sequence}\r\n\r\n`)
    response.write(bytes)
    // At once, not with the next picture: a browser shows a part when it sees its end.
    response.write(`\r\n--${BOUNDARY}\r\n`)
    response.uncork()
    await drained(response)
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed || !response.writableNeedDrain) {
      resolve()
      return
    }
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

async function sendSnapshot(response: ServerResponse, pictures: PictureSource): Promise<void> {
  const { bytes, sequence } = await pictures.next('png')
  response.setHeader('x-sequence', sequence)
  send(response, 200, 'image/png', bytes)
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function isLocal(host: string | undefined): boolean {
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/i.test(host ?? '')
}

async function listen(server: Server, port: number | undefined): Promise<void> {
  try {
    server.listen(port ?? USUAL_PORT, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
}
