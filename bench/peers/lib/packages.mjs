// The peers' npm packages, out of build/bench/node_modules.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { folder } from './build.mjs'
import { Missing } from './peer.mjs'

const require = createRequire(join(folder, 'package.json'))

/**
 * @param {string} name
 * @returns {any} what the package exports
 * @throws Missing
 */
export function load(name) {
  try {
    return require(name)
  } catch (error) {
    const why = error.message.split('\n')[0]
    throw new Missing(
      `npm package ${name} cannot be loaded (${why}). Install the peers: node bench/peers/install.mjs`,
    )
  }
}

/** The version of an installed package. */
export const versionOf = (name) => require(`${name}/package.json`).version
