#!/usr/bin/env node
// Records the commands of the README in a terminal, and takes their pictures with Debian's chromium:
//   node scripts/terminal-session.mjs [folder]      session.cast (asciicast v2), session.gif, top.png
// Needs unshare (root, or user namespaces) and bash. No ring of this machine is seen or touched.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { TextDecoder } from 'node:util'
import xterm from '@xterm/headless'
import { inspect } from 'framering'
import { root } from '../native/compile.mjs'
import { animate, still } from './cast-pictures.mjs'

const [rows, columns] = [24, 110]
const READERS = {
  'viewer.js': `import { frames } from 'framering'
frames('front').subscribe((frame) => frame.array.get(0, 0, 0))
`,
  'recorder.js': `import { frames } from 'framering'
frames('front', { delivery: 'every' }).subscribe((frame) => frame.array.get(0, 0, 0))
`,
  // The culprit: it keeps as many frames as there are slots.
  'detector.js': `import { frames } from 'framering'
frames('front', { maxLeases: 4 }).subscribe((frame) => {
  const held = frame.retain()
  setTimeout(() => held.release(), 250)
})
`,
}
const WRITERS = [
  ['depth', '--format', 'Z16', '--size', '320x240', '--fps', '15'],
  ['front', '--slots', '4'],
]
// The /dev/shm that Docker gives, with nobody else's rings in it; no process outlives its end.
const STAGE = 'mount -t tmpfs -o size=64m,mode=1777 shm /dev/shm && exec "$@"'

/** A folder that looks like somebody's project, so that no path of this machine is shown. */
function makeProject() {
  const project = mkdtempSync(join(tmpdir(), 'framering-session-'))
  const command = '#!/bin/sh\nexec node node_modules/.bin/framering "$@"\n'
  mkdirSync(join(project, 'node_modules/.bin'), { recursive: true })
  mkdirSync(join(project, 'bin'))
  symlinkSync(root, join(project, 'node_modules/framering'))
  symlinkSync('../framering/dist/cli/main.js', join(project, 'node_modules/.bin/framering'))
  writeFileSync(join(project, 'bin/framering'), command, { mode: 0o755 })
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }\n')
  for (const [name, text] of Object.entries(READERS)) writeFileSync(join(project, name), text)
  return project
}

/** The first process of the namespaces: the rest ends with it. */
async function record(project, castFile) {
  const path = `${join(project, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`
  const env = { PATH: path, HOME: project, LANG: 'C.UTF-8' }
  for (const writer of WRITERS) {
    const args = ['node_modules/.bin/framering', 'pub', ...writer]
    const { stderr } = spawn('node', args, {
      cwd: project,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await once(stderr, 'data') // says what the ring is
  }
  // One by one: the culprit is not to disturb the others while they start.
  for (const [i, reader] of Object.keys(READERS).entries()) {
    spawn('node', [reader], { cwd: project, env, stdio: ['ignore', 'ignore', 'inherit'] })
    while (inspect('front').readers.length <= i) await pause(100)
  }
  // The figures of the first seconds are those of programs that start.
  await pause(6000)
  const person = new Person(project, { ...env, TERM: 'xterm-256color', PS1: '$ ' })
  await act(person)
  writeFileSync(castFile, person.cast)
}

async function act(person) {
  await person.prompt()
  await person.enter('framering ls')
  await pause(2000)
  await person.enter('framering hz front -n 3')
  await pause(1000)
  await person.enter('framering explain front')
  await pause(4500)
  await person.type('framering top\r')
  await person.until((text) => text.includes('? help'))
  await pause(2000)
  await person.type('j')
  await pause(4000)
  person.mark('top')
  await person.type('d')
  await pause(2000)
  await person.type('q')
  await person.prompt()
  await person.enter('framering doctor | grep -A1 warn')
  await pause(500)
}

/** Types into a terminal, sees what is in it, and has it recorded. */
class Person {
  #events = []
  #start = performance.now()
  #screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true })
  #terminal
  #heard

  constructor(cwd, env) {
    const shell = ['/bin/bash', '--norc', '--noprofile', '-i']
    const args = ['-B', join(root, 'test/cli/terminal.py'), rows, columns, ...shell].map(String)
    this.#terminal = spawn('python3', args, { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#heard = createInterface({ input: this.#terminal.stdout })[Symbol.asyncIterator]()
    void this.#listen()
  }

  get cast() {
    const header = { version: 2, width: columns, height: rows, env: { TERM: 'xterm-256color' } }
    return [header, ...this.#events].map((line) => JSON.stringify(line) + '\n').join('')
  }

  /** A still picture is taken of what is seen now. */
  mark(name) {
    this.#events.push([this.#time(), 'm', name])
  }

  async type(keys) {
    for (const key of keys) {
      await pause(key === '\r' ? 300 : 55)
      this.#terminal.stdin.write(JSON.stringify({ keys: key }) + '\n')
    }
  }

  async enter(command) {
    await this.type(command)
    await this.until((text) => text.trimEnd().endsWith(command))
    await this.type('\r')
    await this.until((text) => !text.trimEnd().endsWith(command))
    await this.prompt()
  }

  async prompt() {
    await this.until((text) => text.trimEnd().endsWith('$'))
  }

  async until(seen) {
    while (!seen(this.#text())) await pause(20)
  }

  async #listen() {
    const decoder = new TextDecoder()
    for await (const line of this.#heard) {
      const { output } = JSON.parse(line)
      if (output === undefined) throw new Error('the shell ended before the session did')
      const bytes = Buffer.from(output, 'base64')
      this.#screen.write(bytes)
      this.#events.push([this.#time(), 'o', decoder.decode(bytes, { stream: true })])
    }
  }

  #time() {
    return Number(((performance.now() - this.#start) / 1000).toFixed(3))
  }

  #text() {
    const { active } = this.#screen.buffer
    const lines = Array.from({ length: rows }, (_, y) => active.getLine(active.viewportY + y))
    return lines.map((line) => line.translateToString(true)).join('\n')
  }
}

async function recordApart(castFile) {
  const project = makeProject()
  const namespaces = ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child']
  if (process.getuid() !== 0) namespaces.push('--map-root-user')
  const again = [process.execPath, fileURLToPath(import.meta.url), '--stage', project, castFile]
  const args = [...namespaces, 'sh', '-c', STAGE, 'sh', ...again]
  try {
    const [code] = await once(spawn('unshare', args, { stdio: 'inherit' }), 'exit')
    if (code !== 0) throw new Error(`nothing was recorded: unshare ended with ${code}`)
  } finally {
    rmSync(project, { recursive: true })
  }
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--stage') {
  await record(...rest)
  process.exit()
}
const folder = first ?? join(root, 'docs/images')
const cast = join(folder, 'session.cast')
mkdirSync(folder, { recursive: true })
await recordApart(cast)
await still(cast, 'top', join(folder, 'top.png'))
await animate(cast, join(folder, 'session.gif'))
