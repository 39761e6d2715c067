import * as fs from 'node:fs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Segment } from '../../src/segment/index.ts'
import { crash, isRoot, NOBODY } from '../support/actor.ts'
import { holder } from './holder.ts'

const failure = (code: string, message = /./) => ({
  code,
  message: expect.stringMatching(message) as string,
})

function anonymous(bytes = 4096): Segment {
  const segment = Segment.anonymous(bytes)
  onTestFinished(() => {
    segment.close()
  })
  new Uint8Array(segment.buffer).fill(7)
  return segment
}

/** What is in a folder; nothing when the process it tells of ended meanwhile. */
function entries(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

/** The processes that have memory with that label open. */
function holders(name: string): number {
  const label = `/memfd:framering-${name.split('.')[2]!} (deleted)`
  let found = 0
  for (const pid of fs.readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    for (const fd of entries(`/proc/${pid}/fd`)) {
      try {
        if (fs.readlinkSync(`/proc/${pid}/fd/${fd}`) === label) found += 1
      } catch {
        // closed meanwhile
      }
    }
  }
  return found
}

describe('anonymous memory', () => {
  it('is found by its name from another process', async () => {
    const segment = anonymous()
    const other = await holder()
    const { name } = (await other.does('attach', { name: segment.name })) as { name: string }
    expect(await other.does('look')).toEqual({ first: 7, last: 7, same: true })
    await other.does('fill', { value: 9 })
    expect(new Uint8Array(segment.buffer)[4095]).toBe(9)
    // The other's name leads here as well.
    const again = Segment.attach(name, { readOnly: true })
    expect(again.identity).toEqual(segment.identity)
    again.close()
  })

  it('is not in the way of other names and shows none', () => {
    const before = fs.readdirSync('/dev/shm')
    const { name } = anonymous()
    expect(name).toMatch(new RegExp(`^${process.pid}\\.\\d+\\.[0-9a-f]{16}$`))
    expect(
      fs
        .readdirSync('/dev/shm')
        .filter((entry) => !before.includes(entry))
        .join(),
    ).not.toMatch(name!.split('.')[2]!)
  })

  it('is found under its maker’s name when the maker is dead and another has it', async () => {
    const maker = await holder()
    const { name } = (await maker.does('anonymous', { bytes: 100 })) as { name: string }
    await maker.does('fill', { value: 4 })
    const heir = await holder()
    await heir.does('attach', { name })
    await crash(maker)
    const mine = Segment.attach(name)
    expect(new Uint8Array(mine.buffer)[99]).toBe(4)
    mine.close()
    await crash(heir)
    expect(() => Segment.attach(name)).toThrow(
      expect.objectContaining(failure('NOT_FOUND', /last one/)),
    )
  })

  it('is freed when the last process is gone, however it went', async () => {
    const maker = await holder()
    const { name } = (await maker.does('anonymous', { bytes: 100 })) as { name: string }
    const second = await holder()
    await second.does('attach', { name })
    expect(holders(name)).toBe(2)
    await second.does('close')
    expect(holders(name)).toBe(1)
    await crash(maker)
    expect(holders(name)).toBe(0)
  })

  it('cannot be truncated by anybody', () => {
    const segment = anonymous()
    const [pid, fd] = segment.name!.split('.')
    expect(() => {
      fs.truncateSync(`/proc/${pid!}/fd/${fd!}`, 10)
    }).toThrow(/EPERM/)
    expect(segment.bytes).toBe(4096)
  })

  it.skipIf(!isRoot)('is not open to another user', async () => {
    const { name } = anonymous()
    const other = await holder()
    await other.does('become', NOBODY)
    await expect(other.does('attach', { name })).rejects.toMatchObject(failure('NOT_FOUND'))
  })

  it.each([
    '',
    'a',
    '1.2',
    '1.2.3',
    '1.2.0123456789abcdeg',
    '-1.2.0123456789abcdef',
    '../1.2.0123456789abcdef',
    '1.2.0123456789abcdef\0',
  ])('cannot be called %j', (name) => {
    expect(() => Segment.attach(name)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/OPTION_INVALID|NAME_INVALID/) as string,
      }),
    )
  })

  it('is not mistaken for another descriptor of the process it names', () => {
    const { name } = anonymous()
    const id = name!.split('.')[2]!
    const wrong = `${process.pid}.0.${id}` // standard input
    const found = Segment.attach(wrong)
    expect(new Uint8Array(found.buffer)[0]).toBe(7)
    found.close()
  })

  it('is an error where the runtime forbids buffers on it', async () => {
    const other = holder(undefined, { FRAMERING_NO_EXTERNAL_BUFFERS: '1' })
    await expect(other).rejects.toThrow(/UNSUPPORTED[^]*Electron|Electron/)
  })
})
