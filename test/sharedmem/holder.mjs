// Holds shared arrays as it is told; one answer for each order, by the order's name.
import { readFileSync } from 'node:fs'
import { detach, handleOf, open, zeros } from 'framering/sharedmem'

let array

/** Bytes of memory of the process that are its own, and that it has of shared memory. */
function resident() {
  const status = readFileSync('/proc/self/status', 'utf8')
  const kilobytes = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)[1])
  return { own: kilobytes('RssAnon') * 1024, shared: kilobytes('RssShmem') * 1024 }
}

const orders = {
  create: ({ shape, dtype }) => {
    array = zeros(shape, dtype)
    return handleOf(array)
  },
  open: ({ handle, options }) => {
    array = open(handle, options)
    return { dtype: array.dtype, shape: array.shape, strides: array.strides }
  },
  handle: () => handleOf(array),
  look: () => array.toNested(),
  get: ({ index }) => array.get(...index),
  set: ({ index, value }) => array.set(...index, value),
  fill: ({ value }) => array.fill(value).size,
  detach: () => detach(array),
  resident,
}

process.on('message', ({ kind, ...order }) => {
  let told
  try {
    told = { value: orders[kind](order) }
  } catch (error) {
    const { code, message } = error
    told = { error: { code, message } }
  }
  process.send({ kind, ...told })
})

const { handle } = JSON.parse(process.argv[2])
if (handle !== undefined) array = open(handle)
process.send({ kind: 'ready' })
