import { isIP } from 'node:net'

/**
 * Whether a request's `Host` is one of ours: the host listened at, `localhost` or any address. A page of
 * another site whose name was made to point here (DNS rebinding) has that name instead; an address
 * cannot be rebound.
 */
export function isOurHost(header: string | undefined, host: string): boolean {
  if (header === undefined) return false
  const name = header.toLowerCase().replace(/:\d*$/, '')
  return (
    name === 'localhost' || name === host.toLowerCase() || isIP(name.replace(/^\[|\]$/g, '')) !== 0
  )
}
