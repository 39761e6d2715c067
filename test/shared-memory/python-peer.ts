import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'

const PYTHON = '/usr/bin/python3'
const SCRIPT = fileURLToPath(new URL('../python/shared_memory_peer.py', import.meta.url))

/** A list as Python sees it: items and format as it prints them, the memory in hexadecimal. */
export interface PythonList {
  readonly name: string
  readonly items: string
  readonly format: string
  readonly hex: string
}

interface Orders {
  create: [{ name?: string; size: number }, { name: string; size: number }]
  attach: [{ name: string }, { name: string; size: number }]
  read: [{ name: string; at: number; length: number }, string]
  write: [{ name: string; at: number; hex: string }, null]
  unlink: [{ name: string }, null]
  new_list: [{ name: string; items: string }, PythonList]
  attach_list: [{ name: string }, PythonList]
  look: [{ name: string }, PythonList]
  assign: [{ name: string; index: number; value: string }, PythonList]
  unlink_list: [{ name: string }, null]
}

/** A stock CPython that does to shared memory and lists what it is told; ends with the test. */
export class PythonPeer {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #answers: AsyncIterator<string>
  #stderr = ''

  constructor() {
    this.#child = spawn(PYTHON, [SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    this.#answers = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
    onTestFinished(() => this.leave())
  }

  /** Rejects with the name of Python's exception, such as `FileNotFoundError`. */
  async does<K extends keyof Orders>(order: K, more: Orders[K][0]): Promise<Orders[K][1]> {
    this.#child.stdin.write(`${JSON.stringify({ do: order, ...more })}\n`)
    const line = await this.#answers.next()
    if (line.done === true) throw new Error(`python3 ended: ${this.#stderr}`)
    const { value, error } = JSON.parse(line.value) as { value: Orders[K][1]; error?: string }
    if (error !== undefined) throw new Error(error)
    return value
  }

  /** Has it exit as a Python program does at its end; it must have had nothing to complain of. */
  async leave(): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.stdin.end()
    await once(this.#child, 'close')
    expect({ code: this.#child.exitCode, stderr: this.#stderr }).toEqual({ code: 0, stderr: '' })
  }
}
