#!/usr/bin/env node
// Builds the actors' program, native/test/actor with the core and its kill-points, where it is not
// up to date.
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { coreFlags } from '../../native/build.mjs'
import { compile, findCompiler, root, sourcesIn } from '../../native/compile.mjs'

/** @returns {Promise<string>} its path */
export async function buildActor(log) {
  const folder = join(root, 'native/build/crash')
  const output = join(folder, 'actor')
  const sources = ['native/core/src', 'native/test/actor'].flatMap(sourcesIn)
  const flags = coreFlags({ testHooks: true })
  const programs = [{ output, sources, link: ['-pthread'] }]
  await compile({ folder, compiler: findCompiler(), flags, programs, log })
  return output
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildActor(console.log)
}
