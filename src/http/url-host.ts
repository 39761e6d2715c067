import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

/**
 * An address that is listened at, as URLs have it: `127.0.0.1`, `[::1]`. All of this machine's addresses for
 * one that stands for all, the one that this machine reaches itself by first.
 */
export function urlHosts(host: string): readonly [string, ...string[]] {
  const all = host === '0.0.0.0' || host === '::'
  const others = all ? addresses(host === '::').map(inUrl) : []
  return [all ? '127.0.0.1' : inUrl(host), ...others]
}

function inUrl(address: string): string {
  return isIPv6(address) ? `[${address}]` : address
}

/** That others can reach it by; link-local ones mean nothing without an interface. */
function addresses(six: boolean): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ family, internal, scopeid }) => {
      return !internal && (family === 'IPv4' || (six && scopeid === 0))
    })
    .map(({ address }) => address)
}
