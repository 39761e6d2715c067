import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FrameringError } from '../errors/framering-error.ts'

/**
 * Has a server listen, and gives the port: the one asked for, or any free one for 0.
 *
 * Rejects with `SYSTEM` when the port is in use or the address cannot be listened at.
 */
export async function listen(server: Server, port: number, host: string): Promise<number> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new FrameringError(
      'SYSTEM',
      code === 'EADDRINUSE'
        ? `port ${port} of ${host} is in use; give another, or 0 for any that is free`
        : `cannot listen at ${host}, port ${port}: ${message}; give an address of this machine`,
      { cause },
    )
  }
  return (server.address() as AddressInfo).port
}
