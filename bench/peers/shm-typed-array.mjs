#!/usr/bin/env node
// The npm package shm-typed-array: memory and nothing else. What a user has to add, so that frames get
// over whole, is a ring with a word for the newest frame and one for each reader, polled with Atomics.
import { fileURLToPath } from 'node:url'
import { buildPayload } from './lib/build.mjs'
import { load, versionOf } from './lib/packages.mjs'
import { freshName, peerLine, runParts, runPeer } from './lib/peer.mjs'
import { Frames, Pace, Record, readyAndGo } from './lib/sides.mjs'

const NAME = 'shm-typed-array'
const SLOTS = 4
/** Bytes from one word to the next, so that no two share a cache line. */
const LINE = 128

async function row(flags) {
  load(NAME)
  await buildPayload()
  const address = freshName()
  const command = [process.execPath, fileURLToPath(import.meta.url)]
  const found = await runParts({ command, flags, own: { address } })
  return peerLine(flags, found, {
    name: NAME,
    blocking: false,
    versions: { [NAME]: versionOf(NAME) },
    notes: `it has no notification: both sides poll words of the memory with Atomics; a ring of ${SLOTS} slots, written and read in place`,
  })
}

/** One direction: frames 1, 2, 3 … in slots that are written again when every reader is done. */
class Ring {
  #words
  #slots
  #readers

  constructor(flags, way, { create = false } = {}) {
    const { address, bytes, readers } = flags
    const shm = load(NAME)
    const name = `/${address}-${way}`
    const header = LINE * (1 + readers)
    const stride = Math.ceil(bytes / LINE) * LINE
    const all = create
      ? shm.create(header + SLOTS * stride, 'Buffer', name)
      : shm.get(name, 'Buffer')
    if (all === null) throw new Error(`shm-typed-array has no ${name}`)
    this.#readers = readers
    this.#words = new Int32Array(all.buffer, all.byteOffset, header / 4)
    this.#slots = Array.from({ length: SLOTS }, (_, i) => {
      const at = header + i * stride
      return all.subarray(at, at + bytes)
    })
  }

  /** The memory of frame `sequence`, when the slowest reader is done with what was there. */
  claim(sequence) {
    for (let reader = 0; reader < this.#readers; reader++) {
      while (Atomics.load(this.#words, this.#wordOf(reader)) < sequence - SLOTS);
    }
    return this.#slots[sequence % SLOTS]
  }

  commit(sequence) {
    Atomics.store(this.#words, 0, sequence)
  }

  take(sequence) {
    while (Atomics.load(this.#words, 0) < sequence);
    return this.#slots[sequence % SLOTS]
  }

  release(sequence, reader) {
    Atomics.store(this.#words, this.#wordOf(reader), sequence)
  }

  #wordOf(reader) {
    return (LINE * (1 + reader)) / 4
  }
}

async function writer(flags) {
  const there = new Ring(flags, 'there', { create: true })
  const pingPong = flags.workload === 'ping-pong'
  const back = pingPong ? new Ring(flags, 'back', { create: true }) : undefined
  await readyAndGo()
  const frames = new Frames(flags)
  const pace = new Pace(flags, frames.native)
  const record = new Record(flags)
  for (let sequence = 1; sequence <= record.total; sequence++) {
    if (back === undefined) {
      const bytes = there.claim(sequence)
      frames.write(bytes, sequence)
      pace.wait()
      frames.stamp(bytes)
      there.commit(sequence)
      record.frame(sequence, 0, true)
      continue
    }
    pace.wait()
    const sent = frames.now()
    frames.write(there.claim(sequence), sequence)
    there.commit(sequence)
    const right = frames.read(back.take(sequence), sequence)
    back.release(sequence, 0)
    record.frame(sequence, frames.now() - sent, right)
  }
  return record.result(pingPong)
}

async function reader(flags) {
  const there = new Ring(flags, 'there')
  const back = flags.workload === 'ping-pong' ? new Ring(flags, 'back') : undefined
  await readyAndGo()
  const frames = new Frames(flags)
  const record = new Record(flags)
  for (let sequence = 1; sequence <= record.total; sequence++) {
    const bytes = there.take(sequence)
    if (back === undefined) {
      frames.receive(bytes, sequence, record)
      there.release(sequence, flags.index)
      continue
    }
    const right = frames.read(bytes, sequence)
    there.release(sequence, flags.index)
    frames.write(back.claim(sequence), sequence)
    back.commit(sequence)
    record.frame(sequence, 0, right)
  }
  return record.result(back === undefined)
}

// Last: a class is not there before its lines have run.
await runPeer(NAME, { address: '' }, { row, writer, reader })
