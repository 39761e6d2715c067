import { fstatSync, readSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { Journal } from '../../src/shared-memory/journal.ts'

const FILE = { device: '24', inode: '18446744073709551615' }

function journal(): Journal {
  const made = new Journal()
  onTestFinished(() => {
    made.close()
  })
  return made
}

test('a journal has no name, and a record for each file', () => {
  const made = journal()
  expect(fstatSync(made.descriptor).nlink).toBe(0)
  made.add('/dev/shm/first', FILE)
  made.add('/dev/shm/second', FILE)
  const record = Buffer.alloc(512)
  readSync(made.descriptor, record, 0, 512, 512)
  expect(record.readBigUInt64LE(0)).toBe(24n)
  expect(record.readBigUInt64LE(8)).toBe(2n ** 64n - 1n)
  expect(record.toString('utf8', 16).replace(/\0+$/, '')).toBe('/dev/shm/second')
})

test('what is forgotten makes room: a journal grows with what is owned, not with what ever was', () => {
  const made = journal()
  for (let i = 0; i < 100; i++) {
    const forget = [made.add('/dev/shm/a', FILE), made.add('/dev/shm/b', FILE)]
    for (const one of forget) one()
  }
  expect(fstatSync(made.descriptor).size).toBe(2 * 512)
  const all = Buffer.alloc(1024, 1)
  readSync(made.descriptor, all, 0, 1024, 0)
  expect(all.every((byte) => byte === 0)).toBe(true)
})

test('forgetting after the journal is closed writes to no other file', () => {
  const made = journal()
  const forget = made.add('/dev/shm/a', FILE)
  made.close()
  const next = journal()
  forget()
  expect(fstatSync(next.descriptor).size).toBe(0)
})
