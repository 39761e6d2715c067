// Actors from the harness's side: real processes on a ring, see native/test/actor. Everything is
// awaited as an event; WATCHDOG is a bound that only a hang exceeds.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { buildActor } from './program.mjs'

const WATCHDOG = 20_000

/** Actors and the directory their rings are in, which goes with them. */
export class Stage {
  #process
  #actors = new Map()
  #count = 0

  /** Builds the actors' program where that is needed. */
  static async open() {
    return new Stage(await buildActor())
  }

  /** @param {string} program the built actor */
  constructor(program) {
    this.directory = mkdtempSync('/dev/shm/framering-crash-')
    this.#process = spawn(program, [this.directory], { stdio: ['pipe', 'pipe', 'inherit'] })
    // Gone only when it crashed: the actors then tell.
    this.#process.stdin.on('error', () => {})
    this.#process.on('exit', (code, signal) => {
      for (const actor of this.#actors.values()) {
        actor.hear(`gone stage=${signal ?? code}`)
        actor.hear('silent')
      }
      if (code !== 0) rmSync(this.directory, { recursive: true, force: true })
    })
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const blank = line.indexOf(' ')
      this.#actors.get(line.slice(0, blank))?.hear(line.slice(blank + 1))
    })
  }

  /** A new process. */
  actor() {
    const actor = new Actor(String(++this.#count), (line) => this.#process.stdin.write(line))
    this.#actors.set(actor.id, actor)
    actor.onOver = () => this.#actors.delete(actor.id)
    actor.say('spawn')
    return actor
  }

  /** Lets every stopped actor go on, at one instant. */
  release() {
    this.#process.stdin.write('* cont\n')
  }

  files() {
    return readdirSync(this.directory)
  }

  /** The stage removes the directory, as it does when this process is killed. */
  async close() {
    const gone = once(this.#process, 'exit')
    this.#process.stdin.end()
    await gone
  }
}

export class Actor {
  /** How it ended: 'signal=9', 'code=0'. */
  end
  onOver
  #silent = false
  #write
  #inbox = []
  #waiting
  #broken

  constructor(id, write) {
    this.id = id
    this.#write = write
  }

  /** A command: what comes of it is heard. */
  say(verb, words = {}) {
    let line = `${this.id} ${verb}`
    for (const key in words) line += ` ${key}=${words[key]}`
    this.#write(`${line}\n`)
    return this
  }

  /** Says it and waits for the answer. */
  ask(verb, words, ...answers) {
    this.say(verb, words)
    return this.heard(...answers)
  }

  /** For the stage: a line came. */
  hear(line) {
    const [verb, ...words] = line.split(' ')
    if (verb === 'broken') this.#broken = words.join(' ')
    else if (verb === 'gone') this.end = words[0]
    // Nobody is left who could say anything: a forked child may have outlived it.
    else if (verb === 'silent') this.#silent = true
    else this.#inbox.push({ verb, line, ...fields(words) })
    if (this.#silent && this.end !== undefined) this.onOver()
    this.#waiting?.look()
  }

  /** The next message with one of these verbs. */
  heard(...verbs) {
    return this.#until(verbs.join(' or '), () => {
      if (this.#broken !== undefined) throw new Error(this.#broken)
      const at = this.#inbox.findIndex((message) => verbs.includes(message.verb))
      if (at >= 0) return this.#inbox.splice(at, 1)[0]
      if (this.#silent && this.end !== undefined)
        throw new Error(`gone (${this.end}) ${this.#context(verbs)}`)
    })
  }

  /** Waits for its death. */
  gone() {
    return this.#until('its end', () => {
      if (this.#broken !== undefined) throw new Error(this.#broken)
      return this.end
    })
  }

  /** What was said and not yet heard. */
  unheard(verb) {
    return this.#inbox.filter((message) => message.verb === verb).length
  }

  forget() {
    this.#inbox.length = 0
  }

  #context(verbs) {
    const said = this.#inbox.map(({ line }) => line).join('; ')
    return `when '${verbs.join(' or ')}' was to come${said && `; said: ${said}`}`
  }

  #until(what, look) {
    return new Promise((resolve, reject) => {
      const watchdog = setTimeout(() => {
        this.#waiting = undefined
        reject(new Error(`hung: nothing for ${WATCHDOG / 1000} s ${this.#context([what])}`))
      }, WATCHDOG)
      const waiting = {
        look: () => {
          let found
          try {
            found = look()
            if (found === undefined) return
            resolve(found)
          } catch (error) {
            reject(error)
          }
          clearTimeout(watchdog)
          this.#waiting = undefined
        },
      }
      this.#waiting = waiting
      waiting.look()
    })
  }
}

function fields(words) {
  const result = {}
  for (const word of words) {
    const at = word.indexOf('=')
    if (at < 0) continue
    const value = word.slice(at + 1)
    result[word.slice(0, at)] = /^\d+$/.test(value) ? Number(value) : value
  }
  return result
}
