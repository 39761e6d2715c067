// Runs a program of native/test in a directory of its own on /dev/shm.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { root } from '../native/compile.mjs'

/**
 * @param {string} program path of the executable
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, seconds: number }} options  seconds: it is killed when it
 *   takes longer, for a test of waiting may wait for ever
 * @returns {Promise<{ code: number, text: string }>} text: the end of what it printed
 */
export async function runNativeTest(program, args, { env = {}, seconds }) {
  // Ours to remove: a program that a sanitizer stopped does not clean up.
  const playground = mkdtempSync('/dev/shm/framering-native-test-')
  try {
    return await run(program, args, { ...env, FRAMERING_PLAYGROUND: playground }, seconds)
  } finally {
    rmSync(playground, { recursive: true, force: true })
  }
}

function run(program, args, env, seconds) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      // The end is what tells of a failure; a long run must not fill our memory.
      stream.setEncoding('utf8').on('data', (more) => (text = (text + more).slice(-1 << 18)))
    }
    const late = setTimeout(() => {
      text += `\nkilled: not done after ${seconds} s`
      child.kill('SIGKILL')
    }, 1000 * seconds)
    // Interrupted, it ends first and is cleaned up after.
    const forward = (signal) => child.kill(signal)
    process.on('SIGINT', forward).on('SIGTERM', forward)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(late)
      process.off('SIGINT', forward).off('SIGTERM', forward)
      resolve({ code: code ?? 1, text })
    })
  })
}
