#!/usr/bin/env node
// Bundles the viewer's page into one file: node scripts/page.mjs [folder of dist]
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { root } from '../native/compile.mjs'

const source = join(root, 'src/view/page')

/** Writes view/page.html below `dist`: page, style and script in one, with no request to anywhere. */
export async function buildPage(dist) {
  const bundle = async (entry) => {
    const { outputFiles } = await build({
      entryPoints: [join(source, entry)],
      bundle: true,
      minify: true,
      charset: 'utf8',
      format: 'esm',
      target: 'es2022',
      write: false,
      logLevel: 'error',
      tsconfig: join(source, 'tsconfig.json'),
    })
    return outputFiles[0].text
  }
  const [style, script] = await Promise.all([bundle('style.css'), bundle('main.ts')])
  // By functions: `$&` in the script would otherwise be filled in.
  const page = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('/*style*/', () => style.replaceAll('</style', '<\\/style'))
    .replace('/*script*/', () => script.replaceAll('</script', '<\\/script'))
  mkdirSync(join(dist, 'view'), { recursive: true })
  writeFileSync(join(dist, 'view/page.html'), page)
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildPage(process.argv[2] ?? join(root, 'dist'))
}
