#!/usr/bin/env node
// ZeroMQ over ipc:// from Node: PAIR sockets for round trips, PUSH and PULL to one reader, PUB and SUB
// to several.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildPayload } from './lib/build.mjs'
import { load, versionOf } from './lib/packages.mjs'
import { peerLine, runParts, runPeer, temporaryFolder } from './lib/peer.mjs'
import {
  oneWayReader,
  oneWayWriter,
  pingPongReader,
  pingPongWriter,
  readyAndGo,
} from './lib/sides.mjs'

const NAME = 'zeromq ipc'
/** Messages a socket holds before `send` waits; with the default of 1000 a 4K writer needs 33 GB. */
const QUEUE = 2
/** `send` hands a message to another thread without a copy: so long it must not be written again. */
const MESSAGES = 2 * QUEUE + 4

await runPeer(NAME, { address: '' }, { row, writer, reader })

async function row(flags) {
  const zeromq = load('zeromq')
  await buildPayload()
  const command = [process.execPath, fileURLToPath(import.meta.url)]
  const address = `ipc://${join(temporaryFolder(), 'socket')}`
  const found = await runParts({ command, flags, own: { address } })
  return peerLine(flags, found, {
    name: NAME,
    blocking: true,
    versions: { zeromq: versionOf('zeromq'), libzmq: zeromq.version },
    notes: `${kindOf(flags).join(' and ')}; high-water marks of ${QUEUE}; an I/O thread on each side`,
  })
}

function kindOf({ workload, readers }) {
  if (workload === 'ping-pong') return ['Pair', 'Pair']
  return readers === 1 ? ['Push', 'Pull'] : ['XPublisher', 'Subscriber']
}

function open(kind) {
  const socket = new (load('zeromq')[kind])({ linger: 0 })
  if ('sendHighWaterMark' in socket) socket.sendHighWaterMark = QUEUE
  if ('receiveHighWaterMark' in socket) socket.receiveHighWaterMark = QUEUE
  return socket
}

async function writer(flags) {
  const [kind] = kindOf(flags)
  const socket = open(kind)
  if (kind === 'XPublisher') {
    // Without this a publisher drops what a slow subscriber has no room for.
    socket.noDrop = true
    // Of equal subscriptions it tells the first only, unless asked for all.
    socket.verbosity = 'allSubs'
  }
  await socket.bind(flags.address)
  const { end } = await readyAndGo()
  if (kind === 'XPublisher') {
    for (let subscribed = 0; subscribed < flags.readers; subscribed++) await socket.receive()
  }
  const channel = channelOf(socket, flags)
  const result = await (flags.workload === 'ping-pong'
    ? pingPongWriter(channel, flags)
    : oneWayWriter([channel], flags))
  if (flags.workload !== 'ping-pong') await end
  return result
}

async function reader(flags) {
  const [, kind] = kindOf(flags)
  const socket = open(kind)
  socket.connect(flags.address)
  if (kind === 'Subscriber') socket.subscribe()
  const channel = channelOf(socket, flags)
  const measuring = (flags.workload === 'ping-pong' ? pingPongReader : oneWayReader)(channel, flags)
  const { end } = await readyAndGo()
  const result = await measuring
  if (flags.workload === 'ping-pong') await end
  return result
}

function channelOf(socket, { bytes, workload }) {
  // In a ping-pong the answer says that the message before it has been read.
  const count = workload === 'ping-pong' ? 1 : MESSAGES
  const messages = Array.from({ length: count }, () => Buffer.alloc(bytes))
  const publishes = 'noDrop' in socket
  let next = 0
  const channel = {
    frame: () => messages[next++ % count],
    send: (frame) => (publishes ? publish(socket, frame) : socket.send(frame)),
    onFrame: undefined,
  }
  if ('receive' in socket && !publishes) void receive(socket, channel)
  return channel
}

/** A publisher that may not drop does not wait either: it fails until there is room. */
async function publish(socket, frame) {
  for (;;) {
    try {
      return await socket.send(frame)
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

async function receive(socket, channel) {
  try {
    for await (const [message] of socket) channel.onFrame(message)
  } catch (error) {
    if (!socket.closed) throw error
  }
}
