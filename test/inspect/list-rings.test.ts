import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listRings } from '../../src/inspect/index.ts'
import { folder } from '../sinks/fixtures.ts'

test('only names that a ring can have are listed, in order: others may hold what a terminal obeys', async () => {
  const directory = folder()
  for (const name of [
    ...['cam10', 'cam9', 'a.b_c-D'],
    ...['\x1b[2Jgone', 'two\nlines', 'tab\t', '\x9b31m', 'bell\x07', 'a b', 'Ä', '', '\u202egnp'],
  ]) {
    writeFileSync(join(directory, `framering.${name}.data`), '')
  }
  writeFileSync(join(directory, 'framering.control.ctrl'), '')
  writeFileSync(join(directory, 'framering.cut.data\n'), '')
  expect(await listRings(directory)).toEqual(['a.b_c-D', 'cam9', 'cam10'])
})

test('where nothing can be listed there is none', async () => {
  expect(await listRings(join(folder(), 'missing'))).toEqual([])
})
