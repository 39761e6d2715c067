#!/usr/bin/env node
// `child_process.fork` with advanced serialisation: the writer is the readers' parent, and frames are
// messages that are Buffers.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { toArgs } from '../lib/flags.mjs'
import { buildPayload } from './lib/build.mjs'
import { peerLine, runPeer, startPart } from './lib/peer.mjs'
import { oneWayReader, oneWayWriter, pingPongReader, pingPongWriter } from './lib/sides.mjs'

const NAME = 'child_process ipc'
const script = fileURLToPath(import.meta.url)

await runPeer(NAME, {}, { row, writer, reader })

async function row(flags) {
  await buildPayload()
  const command = [process.execPath, script]
  const found = await startPart('writer', command, flags, { role: 'writer' }).result
  return peerLine(flags, found, {
    name: NAME,
    blocking: true,
    versions: {},
    notes: "serialization: 'advanced'; to several readers the writer sends the frame once each",
  })
}

/** Also gives the results of the readers, whose only way out is through their parent. */
async function writer(flags) {
  const readers = Array.from({ length: flags.readers }, () => start(flags))
  await Promise.all(readers.map((child) => once(child, 'message')))
  const channels = readers.map((child) => channelOf(child, flags.bytes))
  const results = readers.map(
    (child, i) =>
      new Promise((resolve) => {
        channels[i].onResult = resolve
      }),
  )
  const own = await (flags.workload === 'ping-pong'
    ? pingPongWriter(channels[0], flags)
    : oneWayWriter(channels, flags))
  const theirs = await Promise.all(results)
  for (const child of readers) child.disconnect()
  return { writer: own, readers: theirs }
}

function start(flags) {
  const args = toArgs({ ...flags, role: 'reader' })
  const bound = flags.pin
    ? { execPath: 'taskset', execArgv: ['-c', '1', process.execPath] }
    : { execArgv: [] }
  return fork(script, args, { serialization: 'advanced', ...bound })
}

async function reader(flags) {
  // The parent is gone: go too.
  process.once('disconnect', () => process.exit(1))
  const channel = channelOf(process, flags.bytes)
  const measuring = (flags.workload === 'ping-pong' ? pingPongReader : oneWayReader)(channel, flags)
  process.send('ready')
  const result = await measuring
  process.removeAllListeners('disconnect')
  process.send(result)
  await once(process, 'disconnect')
  process.exit(0)
}

function channelOf(peer, bytes) {
  const outgoing = Buffer.alloc(bytes)
  const channel = {
    frame: () => outgoing,
    send: (frame) => new Promise((resolve) => peer.send(frame, resolve)),
    onFrame: undefined,
    onResult: undefined,
  }
  peer.on('message', (message) => {
    if (message instanceof Uint8Array) channel.onFrame(message)
    else channel.onResult(message)
  })
  return channel
}
