import { spawnSync } from 'node:child_process'

/**
 * Whether a program is there to test with. A machine with Node and a compiler need not have them: those
 * tests are left out then, but never where CI has installed them.
 */
function has(program: string, packages: string, args: string[], good = 0): boolean {
  const found = spawnSync(program, args, { stdio: 'ignore' }).status === good
  if (!found && process.env['FRAMERING_TEST_REPORT'] !== undefined) {
    throw new Error(`missing here, and it must not be: apt-get install ${packages}`)
  }
  return found
}

export const CHROMIUM = '/usr/bin/chromium'

/** Debian's, which is the one that has NumPy. */
export const PYTHON = '/usr/bin/python3'

export const hasFfmpeg = has('ffmpeg', 'ffmpeg', ['-version'])
export const hasFswebcam = has('fswebcam', 'fswebcam', ['--version'], 255)
/** a browser for the tests of the viewer's page */
export const hasChromium = has(CHROMIUM, 'chromium', ['--version'])
export const hasFaketime = has('faketime', 'faketime', ['--version'])
/** 3.9 or later: what it writes is what we write */
export const hasPython = has(PYTHON, 'python3', [
  '-c',
  'import sys; assert sys.version_info >= (3, 9)',
])
export const hasNumpy = has(PYTHON, 'python3-numpy', ['-c', 'import numpy'])
/** of a version that knows `_Float16` */
export const hasGcc = has('gcc', 'gcc', ['-E', '-x', 'c', '/dev/null'])
/** for the tests of completion */
export const hasBash = has('bash', 'bash', [
  '-c',
  '((BASH_VERSINFO[0] > 4 || BASH_VERSINFO[1] > 3))',
])
export const hasZsh = has('zsh', 'zsh', ['-fc', 'zmodload zsh/zpty'])
export const hasFish = has('fish', 'fish', ['--version'])
