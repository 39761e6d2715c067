#!/usr/bin/env node
// `worker_threads`: frames are ArrayBuffers that a MessagePort transfers, and the reader transfers back
// when it has read them. Two threads of one process: no other process can take part.
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { MessageChannel, Worker, isMainThread, workerData } from 'node:worker_threads'
import { startUsage } from '../lib/usage.mjs'
import { buildPayload, loadPayload } from './lib/build.mjs'
import { Missing, peerLine, runPeer, startPart } from './lib/peer.mjs'
import { Record, oneWayReader, oneWayWriter, pingPongReader, pingPongWriter } from './lib/sides.mjs'

const NAME = 'worker_threads transfer'
/** Frames, all in all; a MessagePort itself would queue without end. */
const UNDER_WAY = 4
const script = fileURLToPath(import.meta.url)

if (isMainThread) await runPeer(NAME, { bind: false }, { row, writer })
else await reader(workerData)

async function row(flags) {
  if (flags.readers !== 1) {
    throw new Missing('a transfer gives a buffer to one thread: it cannot have several readers')
  }
  await buildPayload()
  // Bound thread by thread, not as a process.
  const own = { role: 'writer', bind: flags.pin }
  const part = startPart('writer', [process.execPath, script], { ...flags, pin: false }, own)
  const found = await part.result
  return peerLine(flags, found, {
    name: NAME,
    blocking: true,
    versions: {},
    notes: 'two threads of one process; buffers go back by transfer; usage is that of each thread',
  })
}

async function writer(flags) {
  const native = loadPayload()
  if (flags.bind) native.pinThread(0)
  const worker = new Worker(script, { workerData: flags })
  const failed = once(worker, 'error').then(([error]) => Promise.reject(error))
  const { port1, port2 } = new MessageChannel()
  worker.postMessage(port2, [port2])
  await Promise.race([once(worker, 'message'), failed])
  const result = once(worker, 'message')
  const channel = flags.workload === 'ping-pong' ? returning(port1, flags) : lending(port1, flags)
  const record = new Record(flags, usageOfThread)
  const measuring = flags.workload === 'ping-pong' ? pingPongWriter : oneWayWriter
  const on = flags.workload === 'ping-pong' ? channel : [channel]
  const own = await Promise.race([measuring(on, flags, record), failed])
  const [theirs] = await Promise.race([result, failed])
  await worker.terminate()
  return { writer: own, readers: [theirs] }
}

async function reader(flags) {
  const { parentPort } = await import('node:worker_threads')
  if (flags.bind) loadPayload().pinThread(1)
  const [port] = await once(parentPort, 'message')
  const record = new Record(flags, usageOfThread)
  const measuring =
    flags.workload === 'ping-pong'
      ? pingPongReader(returning(port, flags), flags, record)
      : oneWayReader(givingBack(port), flags, record)
  parentPort.postMessage('ready')
  parentPort.postMessage(await measuring)
}

/** Either end of a ping-pong: what came is what is written next. */
function returning(port, { bytes }) {
  let free = new Uint8Array(bytes)
  const channel = {
    frame: () => free,
    send: (frame) => port.postMessage(frame, [frame.buffer]),
    onFrame: undefined,
  }
  port.on('message', (frame) => {
    free = frame
    channel.onFrame(frame)
  })
  return channel
}

/** The writer of a one-way: what comes is its own memory, to be written again. */
function lending(port, { bytes }) {
  const free = Array.from({ length: UNDER_WAY }, () => new Uint8Array(bytes))
  let more
  port.on('message', (frame) => {
    free.push(frame)
    more?.()
  })
  return {
    frame: () => free.shift(),
    send(frame) {
      port.postMessage(frame, [frame.buffer])
      return free.length > 0 ? undefined : new Promise((resolve) => (more = resolve))
    },
  }
}

/** The reader of a one-way. */
function givingBack(port) {
  const channel = { onFrame: undefined }
  port.on('message', (frame) => {
    channel.onFrame(frame)
    port.postMessage(frame, [frame.buffer])
  })
  return channel
}

function usageOfThread() {
  const native = loadPayload()
  const ofProcess = startUsage()
  const first = native.threadUsage()
  return async () => {
    const last = native.threadUsage()
    const [cpu, minor, major, switches] = last.map((figure, i) => figure - first[i])
    return { ...(await ofProcess()), cpu, faults: { minor, major }, switches }
  }
}
