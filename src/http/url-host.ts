import { isIPv6 } from 'node:net'

/** An address that is listened at, as this machine reaches it in a URL: `[::1]`, `127.0.0.1`. */
export function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return isIPv6(host) ? `[${host}]` : host
}
