import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isOurHost } from '../http/index.ts'

/**
 * Who may look: requests that name the token, and that come from no foreign page. A page of another
 * site whose name was made to point here (DNS rebinding) has that name in `Host`, or its own address in
 * `Origin`; both are checked before the token is looked at.
 */
export class Access {
  readonly #token: string
  readonly #host: string

  constructor(token: string, host: string) {
    this.#token = token
    this.#host = host
  }

  /** The path below the token, or why there is none for this request. */
  check(request: IncomingMessage): { path: string; query: URLSearchParams } | { refusal: string } {
    const { host, origin } = request.headers
    if (host === undefined || !isOurHost(host, this.#host)) {
      return {
        refusal: `not for the host '${host ?? ''}'; use the address that the viewer printed`,
      }
    }
    if (origin !== undefined && origin !== `http://${host}`) {
      return { refusal: 'not for pages of another site' }
    }
    let url: URL
    try {
      url = new URL(request.url ?? '/', 'http://viewer')
    } catch {
      return { refusal: 'no address; use the one that the viewer printed' }
    }
    const [, token = '', ...rest] = url.pathname.split('/')
    if (!same(token, this.#token)) {
      return {
        refusal:
          'the token in the address is missing or wrong; use the address that the viewer printed',
      }
    }
    return { path: `/${rest.join('/')}`, query: url.searchParams }
  }
}

/** Takes the same time wherever they differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
