import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { specOf } from '../../src/format/index.ts'
import { createWriter, openReader } from '../../src/ring/index.ts'
import { v4l2, v4l2Devices } from '../../src/sources/index.ts'
import { ringName } from '../support/ring-name.ts'

const nodes = readdirSync('/dev').filter((name) => /^video\d+$/.test(name))
const FRAMES = 10

describe('this machine', () => {
  it('lists its cameras through the real system calls', () => {
    for (const { path, formats, error } of v4l2Devices()) {
      expect(path).toMatch(/^\/dev\/video\d+$/)
      if (error === undefined) expect(formats.length).toBeGreaterThan(0)
    }
  })

  it('says of a file that is no camera what it is not', async () => {
    await expect(v4l2({ device: '/dev/null' })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('no V4L2 device') as string,
    })
    await expect(v4l2({ device: '/dev' })).rejects.toMatchObject({ code: 'SYSTEM' })
    await expect(v4l2({ device: '/dev/video99' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it.skipIf(nodes.length === 0)(
    'delivers frames of a real camera (skipped without a /dev/video*)',
    async ({ skip }) => {
      const usable = v4l2Devices().find(
        ({ formats, error }) => !error && formats.some(({ fourcc }) => fourcc !== undefined),
      )
      if (usable === undefined) {
        skip('none of the cameras here can be opened')
        return
      }
      await using camera = await v4l2({ device: usable.path })
      const name = ringName()
      using writer = createWriter(name, specOf(camera.format))
      using reader = openReader(name, { delivery: 'every' })
      const stop = AbortSignal.timeout(20_000)
      const pump = camera.pump(writer, { signal: stop }).then(() => {
        writer.close()
      })
      let last = 0
      let count = 0
      for await (const frame of reader) {
        expect(frame.sourceSequence).toBeGreaterThan(last)
        expect(frame.bytesUsed).toBeGreaterThan(0)
        last = frame.sourceSequence
        if (++count === FRAMES) break
      }
      expect(count).toBe(FRAMES)
      await camera[Symbol.asyncDispose]()
      await pump
    },
    60_000,
  )
})
