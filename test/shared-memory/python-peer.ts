import { expect, onTestFinished } from 'vitest'
import { answered, python } from '../support/line-peer.ts'

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
  readonly #peer = python('shared_memory_peer.py')

  constructor() {
    onTestFinished(() => this.leave())
  }

  /** Rejects with the name of Python's exception, such as `FileNotFoundError`. */
  async does<K extends keyof Orders>(order: K, more: Orders[K][0]): Promise<Orders[K][1]> {
    return (await answered(this.#peer, { do: order, ...more })) as Orders[K][1]
  }

  /** Has it exit as a Python program does at its end; it must have had nothing to complain of. */
  async leave(): Promise<void> {
    expect({ code: await this.#peer.finish(), stderr: this.#peer.stderr }).toEqual({
      code: 0,
      stderr: '',
    })
  }
}
