import { FrameringError } from '../errors/framering-error.ts'

/**
 * Loads a package that framering works with but does not bring along.
 *
 * @throws PEER_MISSING, saying how to install it
 */
export async function loadPeer(name: string, needed: string): Promise<unknown> {
  try {
    const module = (await import(name)) as { default?: unknown }
    return module.default ?? module
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') {
      const message = `${needed} needs the package ${name}; add it with: npm install ${name}`
      throw new FrameringError('PEER_MISSING', message, { cause })
    }
    const message = `the package ${name} cannot be loaded: ${(cause as Error).message}`
    throw new FrameringError('PEER_MISSING', `${message}; reinstall it for ${needed}`, { cause })
  }
}
