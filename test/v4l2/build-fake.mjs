#!/usr/bin/env node
// Builds the addon of recorded cameras, native/test/v4l2 with the V4L2 part of framering.node, where it
// is not up to date. It is no part of the package: native/build.mjs knows nothing of it.
//
//   node test/v4l2/build-fake.mjs [--sanitize=address|undefined]
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { addonFlags, linkFlags } from '../../native/build.mjs'
import { compile, findCompiler, root, sourcesIn } from '../../native/compile.mjs'

/** @returns {Promise<string>} its path */
export async function buildFake(log, sanitize) {
  const folder = join(root, 'native/build/fake-v4l2', sanitize ?? '')
  const output = join(folder, 'fake-v4l2.node')
  const sources = [
    ...sourcesIn('native/v4l2/src').filter((source) => !source.endsWith('/linux_system.cc')),
    ...sourcesIn('native/test/v4l2'),
    ...['convert', 'fd_watch', 'loop_callback', 'v4l2_device', 'v4l2_settings'].map(
      (name) => `native/addon/src/${name}.cc`,
    ),
    ...['copy_in', 'error'].map((name) => `native/core/src/${name}.cc`),
  ]
  const plan = { folder, compiler: findCompiler(), ...addonFlags({ sanitize }), log }
  await compile({ ...plan, programs: [{ output, sources, link: linkFlags(sanitize) }] })
  return output
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const sanitize = process.argv[2]?.replace('--sanitize=', '')
  console.log(await buildFake(console.log, sanitize))
}
