import { describe, expect, test } from 'vitest'
import { Peer } from '../support/peer.ts'
import { ringName } from '../support/ring-name.ts'
import { flat, SMALL, testWriter } from './fixtures.ts'

describe('a larger ring', () => {
  test('is followed by a reader that sleeps, in its own process', async () => {
    const name = ringName()
    const writer = testWriter(SMALL, name)
    const peer = new Peer(new URL('../processes/follower.mjs', import.meta.url), { name })
    await peer.heard('ready')
    writer.write(flat(1))
    expect(await peer.heard('frame')).toMatchObject({ sequence: 1, length: 16, sum: 16, gap: 0 })
    for (let round = 1; round <= 3; round++) {
      const bytes = 5000 * round ** 2
      writer.setFormat({ dtype: 'uint8', shape: [bytes] }, { round })
      writer.write(flat(1, bytes))
      expect(await peer.heard('frame')).toMatchObject({
        sequence: 1 + round,
        length: bytes,
        sum: bytes,
        gap: 0,
        info: { round },
      })
    }
    writer.close()
    expect(await peer.heard('complete')).toMatchObject({ attachments: 4 })
    await peer.ended()
  })
})
