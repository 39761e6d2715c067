#!/usr/bin/env node
// The npm package shared-memory-disruptor: a ring in shared memory whose producer and consumers spin.
// `--wait spinning` calls its synchronous functions, which keep the thread; `--wait async` its
// asynchronous ones, which spin on libuv's thread pool and leave the event loop to others.
import { fileURLToPath } from 'node:url'
import { buildPayload } from './lib/build.mjs'
import { load, versionOf } from './lib/packages.mjs'
import { freshName, peerLine, runParts, runPeer } from './lib/peer.mjs'
import { Frames, Pace, Record, readyAndGo } from './lib/sides.mjs'

const NAME = 'shared-memory-disruptor'
const ELEMENTS = 4

await runPeer(NAME, { address: '', wait: 'spinning' }, { row, writer, reader })

async function row(flags) {
  if (!['spinning', 'async'].includes(flags.wait)) {
    throw new Error(`--wait takes spinning or async, not '${flags.wait}'`)
  }
  load(NAME)
  await buildPayload()
  const address = freshName()
  const command = [process.execPath, fileURLToPath(import.meta.url)]
  const found = await runParts({ command, flags, own: { address } })
  return peerLine(flags, found, {
    name: `${NAME} ${flags.wait}`,
    blocking: false,
    versions: { [NAME]: versionOf(NAME) },
    notes: `${ELEMENTS} elements; written and read in place; both sides spin, on ${
      flags.wait === 'spinning' ? 'the main thread' : "libuv's thread pool"
    }; a consumer that stops, stops the producer`,
  })
}

/** One direction. `consumer`: which reader this is; a producer is none. */
function open(flags, way, { consumer = -1, init = false } = {}) {
  const { Disruptor } = load(NAME)
  const { address, bytes, readers } = flags
  return new Disruptor(`/${address}-${way}`, ELEMENTS, bytes, readers, consumer, init, true)
}

/** How frames are claimed and taken: `claim` and `take` give a value or a promise of it. */
function waysOf({ wait, bytes }) {
  const spins = wait === 'spinning'
  return {
    // An await of what is there already would cost a turn of the microtask queue.
    claim: (disruptor) =>
      spins ? disruptor.produceClaimSync() : disruptor.produceClaim().then(({ buf }) => buf),
    commit: (disruptor) => disruptor.produceCommitSync(),
    // What comes is all that is new, in one or two pieces.
    take: (disruptor) =>
      spins
        ? pieces(disruptor.consumeNewSync(), bytes)
        : disruptor.consumeNew().then(({ bufs }) => pieces(bufs, bytes)),
  }
}

function pieces(buffers, bytes) {
  const frames = []
  for (const buffer of buffers) {
    for (let at = 0; at < buffer.length; at += bytes) frames.push(buffer.subarray(at, at + bytes))
  }
  return frames
}

async function writer(flags) {
  const there = open(flags, 'there', { init: true })
  if (flags.workload !== 'ping-pong') {
    await readyAndGo()
    return oneWay(there, flags)
  }
  const back = open(flags, 'back', { consumer: 0, init: true })
  await readyAndGo()
  return pingPong(there, back, flags)
}

async function pingPong(there, back, flags) {
  const { claim, commit, take } = waysOf(flags)
  const frames = new Frames(flags)
  const pace = new Pace(flags, frames.native)
  const record = new Record(flags)
  const spins = flags.wait === 'spinning'
  for (let sequence = 1; sequence <= record.total; sequence++) {
    pace.wait()
    const sent = frames.now()
    const claimed = claim(there)
    const bytes = spins ? claimed : await claimed
    frames.write(bytes, sequence)
    commit(there)
    const taken = take(back)
    const [answer] = spins ? taken : await taken
    const right = frames.read(answer, sequence)
    back.consumeCommit()
    record.frame(sequence, frames.now() - sent, right)
  }
  return record.result(true)
}

async function oneWay(there, flags) {
  const { claim, commit } = waysOf(flags)
  const frames = new Frames(flags)
  const pace = new Pace(flags, frames.native)
  const record = new Record(flags)
  const spins = flags.wait === 'spinning'
  for (let sequence = 1; sequence <= record.total; sequence++) {
    const claimed = claim(there)
    const bytes = spins ? claimed : await claimed
    frames.write(bytes, sequence)
    pace.wait()
    frames.stamp(bytes)
    commit(there)
    record.frame(sequence, 0, true)
  }
  return record.result(false)
}

async function reader(flags) {
  const there = open(flags, 'there', { consumer: flags.index })
  const back = flags.workload === 'ping-pong' ? open(flags, 'back') : undefined
  await readyAndGo()
  const { claim, commit, take } = waysOf(flags)
  const frames = new Frames(flags)
  const record = new Record(flags)
  const spins = flags.wait === 'spinning'
  for (let sequence = 0; sequence < record.total;) {
    const taken = take(there)
    for (const bytes of spins ? taken : await taken) {
      sequence += 1
      if (back === undefined) {
        frames.receive(bytes, sequence, record)
        continue
      }
      const right = frames.read(bytes, sequence)
      const claimed = claim(back)
      const answer = spins ? claimed : await claimed
      frames.write(answer, sequence)
      commit(back)
      record.frame(sequence, 0, right)
    }
    there.consumeCommit()
  }
  return record.result(back === undefined)
}
