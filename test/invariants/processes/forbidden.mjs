// Does what must not be done, and says what came of it. A signal would end this process instead.
import { openSync, readSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { createWriter, openReader } from 'framering'

const { name, action, views } = JSON.parse(process.argv[2])
const WORDS = 3 * 1024 * 4 // three pages a row, four rows: several pages in one slot
const path = `/dev/shm/framering.${name}.`

function makeWriter(options = {}) {
  return createWriter(name, { dtype: 'uint32', shape: [WORDS], slots: 4, ...options })
}
function publish(writer, value) {
  return writer.write(new Uint32Array(WORDS).fill(value))
}
function words(frame) {
  const { buffer, byteOffset } = frame.data
  return new Uint32Array(buffer, byteOffset, WORDS)
}
const same = (array, value) => array.every((word) => word === value)
function code(use) {
  try {
    use()
    return 'no error'
  } catch (error) {
    return error.code ?? error.name
  }
}

const actions = {
  scribble() {
    const writer = makeWriter()
    const a = openReader(name, { views })
    const b = openReader(name, { views })
    publish(writer, 7)
    const mine = a.tryNext()
    const theirs = b.tryNext()
    words(mine).fill(666)
    words(mine).sort()
    const seen = { mine: same(words(mine), 666), theirs: same(words(theirs), 7) }
    mine.release()
    theirs.release()
    // Every slot again, the scribbled one among them: what was written is gone.
    let clean = true
    for (let value = 8; value < 20; value++) {
      publish(writer, value)
      const frame = a.tryNext()
      clean &&= same(words(frame), value)
      frame.release()
    }
    a.close()
    b.close()
    writer.close()
    return { ...seen, clean }
  },

  'write after release'() {
    const writer = makeWriter()
    const reader = openReader(name, { views })
    publish(writer, 7)
    const frame = reader.tryNext()
    const data = frame.data
    const array = frame.array
    frame.release()
    data[0] = 1
    const result = {
      dataLength: frame.data.length,
      viewLength: data.length,
      bufferLength: data.buffer.byteLength,
      read: data[0] === undefined,
      array: code(() => frame.array),
      get: code(() => array.get(0)),
    }
    reader.close()
    writer.close()
    return result
  },

  'read into a received frame'() {
    const writer = makeWriter()
    const reader = openReader(name, { views })
    publish(writer, 7)
    const frame = reader.tryNext()
    // The kernel refuses to write into read-only memory: an error, not a signal.
    const file = openSync('/dev/zero', 'r')
    const came = code(() => readSync(file, frame.data, 0, 4096, null))
    const result = { code: came, intact: views === 'copy' || same(words(frame), 7) }
    frame.release()
    reader.close()
    writer.close()
    return result
  },

  'truncate under a reader'() {
    const writer = makeWriter()
    const reader = openReader(name, { views })
    publish(writer, 7)
    const frame = reader.tryNext()
    const array = words(frame)
    truncateSync(path + 'data', 8192)
    let sum = 0
    for (const word of array) sum += word
    const result = {
      sum,
      release: code(() => frame.release()),
      next: code(() => reader.tryNext()),
      write: code(() => publish(writer, 8)),
    }
    code(() => reader.close())
    code(() => writer.close())
    return result
  },

  'truncate the control object'() {
    const writer = makeWriter()
    const reader = openReader(name, { views })
    publish(writer, 7)
    truncateSync(path + 'ctl', 0)
    const result = {
      write: [code(() => publish(writer, 8)), code(() => publish(writer, 9))],
      next: [code(() => reader.tryNext()), code(() => reader.tryNext())],
    }
    code(() => reader.close())
    code(() => writer.close())
    return result
  },

  'use a frame of a closed reader'() {
    const writer = makeWriter()
    const reader = openReader(name, { views })
    publish(writer, 7)
    const frame = reader.tryNext()
    const data = frame.data
    reader.close()
    writer.close()
    const held = same(words(frame), 7)
    frame.release()
    let sum = 0
    for (let i = 0; i < WORDS * 4; i++) sum += data[i] ?? 0
    return { held, length: data.length, sum }
  },

  'write into a loan after publishing it'() {
    const writer = makeWriter()
    const loan = writer.loan()
    const { data, array } = loan
    array.fill(7)
    loan.publish()
    code(() => data.fill(1))
    data[0] = 1
    const reader = openReader(name, { views })
    const frame = reader.tryNext()
    const result = {
      length: data.length,
      again: code(() => loan.publish()),
      abandon: code(() => loan.abandon()),
      intact: same(words(frame), 7),
    }
    frame.release()
    reader.close()
    writer.close()
    return result
  },

  'move a view out of the release'() {
    const writer = makeWriter()
    const reader = openReader(name, { views })
    publish(writer, 7)
    const frame = reader.tryNext()
    const kept = new Uint32Array(frame.data.buffer.transfer())
    frame.release()
    reader.close()
    writer.close()
    // The memory is gone, its addresses are not: zeros, and writes that reach nobody.
    const zeros = kept.every((word) => word === 0)
    kept.fill(1)
    return { zeros, length: kept.length >= WORDS }
  },

  'attach to damaged objects'() {
    const codes = {}
    const writer = makeWriter()
    const files = readdirSync('/dev/shm').filter((f) => f === `framering.${name}.data`)
    const size = statSync(`/dev/shm/${files[0]}`).size
    writer.close()
    for (const [what, bytes] of Object.entries({
      empty: Buffer.alloc(0),
      short: Buffer.alloc(40),
      zeros: Buffer.alloc(size),
      noise: Buffer.alloc(8192, 'noise'),
    })) {
      writeFileSync(path + 'data', bytes)
      codes[what] = code(() => openReader(name).close())
    }
    return codes
  },
}

const result = await actions[action]()
process.send({ kind: 'result', result }, () => process.disconnect())
