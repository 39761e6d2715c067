import { expect, onTestFinished, test } from 'vitest'
import type { RingFigures } from '../../src/cli/top/figures.ts'
import { Survey } from '../../src/cli/top/survey.ts'
import { openReader } from '../../src/index.ts'
import { actor, crash } from '../support/actor.ts'
import { writerOf } from '../support/live-ring.ts'
import { ringName } from '../support/ring-name.ts'

const FRAME = new Uint8Array(16)

function ring(name: string) {
  return writerOf({ dtype: 'uint8', shape: [16], slots: 4 }, name)
}

function surveyOf(name: string) {
  const survey = new Survey([name], undefined)
  onTestFinished(() => {
    survey[Symbol.dispose]()
  })
  return async (): Promise<RingFigures> => (await survey.look())[0]!
}

test('counts are since the first look: of the ring, and of readers that were there', async () => {
  const name = ringName()
  const writer = ring(name)
  const reader = openReader(name, { delivery: 'every' })
  onTestFinished(() => {
    reader.close()
  })
  const losing = (): void => {
    for (let i = 0; i < 10; i++) writer.write(FRAME)
    reader.tryNext()?.release()
  }
  losing()
  losing()
  const look = surveyOf(name)
  const first = await look()
  expect(first).toMatchObject({ published: 0, readers: [{ rate: null, lost: { overrun: 0 } }] })
  expect(first.readers![0]!.p99).toBeGreaterThan(0)
  const before = reader.stats()
  losing()
  const after = reader.stats()
  const { published, readers } = await look()
  expect(published).toBe(10)
  expect(readers![0]!.lost.overrun).toBe(after.lost.overrun - before.lost.overrun)
  expect(readers![0]!.lost.overrun).toBeGreaterThan(0)
  expect(readers![0]!.rate).toBeGreaterThan(0)
})

test('latencies are of what came lately, and unknown where nothing came', async () => {
  const name = ringName()
  const writer = ring(name)
  const reader = openReader(name)
  onTestFinished(() => {
    reader.close()
  })
  const look = surveyOf(name)
  writer.write(FRAME)
  reader.tryNext()?.release()
  expect((await look()).readers![0]!.p50).toBeGreaterThan(0)
  expect((await look()).readers![0]).toMatchObject({ p50: null, p99: null })
})

test('a reader and a writer that come later are counted from their beginning', async () => {
  const name = ringName()
  const look = surveyOf(name)
  expect(await look()).toMatchObject({ state: 'missing', published: null })
  const writer = ring(name)
  for (let i = 0; i < 3; i++) writer.write(FRAME)
  expect(await look()).toMatchObject({ state: 'running', published: 3, readers: [] })
  const reader = openReader(name, { delivery: 'every', replay: 0 })
  onTestFinished(() => {
    reader.close()
  })
  writer.write(FRAME)
  reader.tryNext()?.release()
  for (let i = 0; i < 11; i++) writer.write(FRAME)
  reader.tryNext()?.release()
  const { overrun } = reader.stats().lost
  expect(overrun).toBeGreaterThan(0)
  expect(await look()).toMatchObject({ published: 15, readers: [{ lost: { overrun } }] })
})

test('a writer that begins again is counted from 0', async () => {
  const name = ringName()
  const first = ring(name)
  first.write(FRAME)
  const look = surveyOf(name)
  await look()
  first.write(FRAME)
  expect(await look()).toMatchObject({ published: 1 })
  first.close()
  const second = ring(name)
  for (let i = 0; i < 5; i++) second.write(FRAME)
  expect(await look()).toMatchObject({ state: 'running', published: 5 })
})

test('a killed reader is not shown any more, a killed writer is dead', async () => {
  const name = ringName()
  const [writer, reader] = [await actor(), await actor()]
  await writer.does('create', { name, options: { dtype: 'uint8', shape: [16] } })
  await reader.does('open', { name })
  const look = surveyOf(name)
  expect(await look()).toMatchObject({ state: 'running', readers: [{ pid: reader.pid }] })
  await writer.does('write', { frames: 3 })
  await crash(reader)
  expect(await look()).toMatchObject({ state: 'running', readers: [] })
  await crash(writer)
  expect(await look()).toMatchObject({ state: 'dead', rate: null, published: 3 })
})
