import { spawnSync } from 'node:child_process'

/**
 * Whether a program is there to test with. A machine with Node and a compiler has neither ffmpeg nor
 * fswebcam nor faketime: those tests are left out then, but never where CI has installed them.
 */
function has(program: string): boolean {
  const found = spawnSync(program, ['-version'], { stdio: 'ignore' }).error === undefined
  if (!found && process.env['FRAMERING_TEST_REPORT'] !== undefined) {
    throw new Error(`${program} is missing here, and it must not be: apt-get install ${program}`)
  }
  return found
}

export const hasFfmpeg = has('ffmpeg')
export const hasFswebcam = has('fswebcam')
export const hasFaketime = has('faketime')
