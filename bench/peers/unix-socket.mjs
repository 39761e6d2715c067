#!/usr/bin/env node
// A Unix socket between Node processes: `net`, frames of a known length put together out of its chunks.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPayload } from './lib/build.mjs'
import { peerLine, runParts, runPeer, temporaryFolder } from './lib/peer.mjs'
import {
  oneWayReader,
  oneWayWriter,
  pingPongReader,
  pingPongWriter,
  readyAndGo,
} from './lib/sides.mjs'

const NAME = 'unix socket'

await runPeer(NAME, { address: '' }, { row, writer, reader })

async function row(flags) {
  await buildPayload()
  const command = [process.execPath, fileURLToPath(import.meta.url)]
  const address = join(temporaryFolder(), 'socket')
  const found = await runParts({ command, flags, own: { address } })
  return peerLine(flags, found, {
    name: NAME,
    blocking: true,
    versions: {},
    notes: 'to several readers the writer writes the frame once each',
  })
}

async function writer(flags) {
  const server = createServer({ noDelay: true }).listen(flags.address)
  const sockets = []
  const all = new Promise((resolve) => {
    server.on('connection', (socket) => {
      if (sockets.push(socket) === flags.readers) resolve()
    })
  })
  await once(server, 'listening')
  await readyAndGo()
  await all
  const channels = sockets.map((socket) => channelOf(socket, flags.bytes))
  const result = await (flags.workload === 'ping-pong'
    ? pingPongWriter(channels[0], flags)
    : oneWayWriter(channels, flags))
  return result
}

async function reader(flags) {
  const socket = connect(flags.address)
  await once(socket, 'connect')
  const channel = channelOf(socket, flags.bytes)
  const result = (flags.workload === 'ping-pong' ? pingPongReader : oneWayReader)(channel, flags)
  await readyAndGo()
  return result
}

function channelOf(socket, bytes) {
  const outgoing = Buffer.alloc(bytes)
  const incoming = Buffer.alloc(bytes)
  let at = 0
  const channel = {
    frame: () => outgoing,
    send: (frame) => new Promise((resolve) => socket.write(frame, resolve)),
    onFrame: undefined,
  }
  socket.on('data', (chunk) => {
    for (let from = 0; from < chunk.length;) {
      const copied = chunk.copy(incoming, at, from, from + bytes - at)
      at += copied
      from += copied
      if (at === bytes) {
        at = 0
        channel.onFrame(incoming)
      }
    }
  })
  return channel
}
