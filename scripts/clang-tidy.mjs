// Runs clang-tidy over the native sources, one file per core: `npm run lint` calls it. With the hooks
// for tests, so that their code is looked at too; a file that is not in compile_commands.json gets
// the flags of the nearest one that is.
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'

const run = promisify(execFile)
const files = [
  'native/core/src',
  'native/convert/src',
  'native/addon/src',
  'native/guardian/src',
  'native/v4l2/src',
  'native/test',
  'native/test/actor',
  'native/test/v4l2',
].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .map((name) => `${folder}/${name}`),
)
let failed = 0
async function worker() {
  for (let file = files.pop(); file !== undefined; file = files.pop()) {
    try {
      await run('clang-tidy', [
        '--quiet',
        '-p',
        'native/build',
        '--extra-arg=-DFR_TEST_HOOKS',
        file,
      ])
    } catch (error) {
      failed += 1
      console.error(`${file}\n${error.stdout}${error.code === 'ENOENT' ? error.message : ''}`)
    }
  }
}
await Promise.all(Array.from({ length: availableParallelism() }, worker))
process.exitCode = failed === 0 ? 0 : 1
