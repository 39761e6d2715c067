// Makes, opens and uses memory as it is told, one order after the other, and tells what came of each.
import * as fs from 'node:fs'
import { Segment } from '../../dist/segment/index.js'
import { become } from './become.mjs'

// Loads the addon, before the process is made poor or somebody else.
Segment.anonymous(1).close()

let segment

function told() {
  const { bytes, mode, readOnly, name, truncated } = segment
  return { bytes, mode, readOnly, name, truncated }
}

const orders = {
  become,
  create: ({ directory, bytes, mode, path }) => {
    segment = Segment.create({ directory, bytes, mode })
    if (path !== undefined) segment.link(path)
    return told()
  },
  link: ({ path }) => segment.link(path),
  anonymous: ({ bytes }) => {
    segment = Segment.anonymous(bytes)
    return told()
  },
  open: ({ path, readOnly }) => {
    segment = Segment.open(path, { readOnly })
    return told()
  },
  attach: ({ name, readOnly }) => {
    segment = Segment.attach(name, { readOnly })
    return told()
  },
  fill: ({ value }) => new Uint8Array(segment.buffer).fill(value).length,
  /** the first and the last byte, and whether all between are as the first */
  look: () => {
    const view = new Uint8Array(segment.buffer)
    return { first: view[0], last: view.at(-1), same: view.every((byte) => byte === view[0]) }
  },
  lock: () => segment.lock(0, segment.bytes),
  sync: ({ flags }) => segment.sync(0, segment.bytes, flags),
  told,
  close: () => segment.close(),
  occupy: ({ path, bytes }) => fs.writeFileSync(path, Buffer.alloc(bytes, 1)),
  stretch: ({ path, bytes }) => fs.truncateSync(path, bytes),
  remove: ({ path }) => fs.unlinkSync(path),
  list: ({ path }) => fs.readdirSync(path),
}

process.on('message', ({ kind, ...order }) => {
  try {
    process.send({ kind: 'did', value: orders[kind](order) })
  } catch ({ code, message, needed, available }) {
    process.send({ kind: 'did', error: { code, message, needed, available } })
  }
})
process.send({ kind: 'ready' })
