import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { firstValueFrom, type Observable } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { createWriter, type RingEvent, rings } from '../../src/index.ts'
import { failure, SMALL } from '../ring/fixtures.ts'
import { actor, crash } from '../support/actor.ts'

/** Where no other test has rings. */
function directory(): string {
  const made = mkdtempSync('/dev/shm/rings-test-')
  onTestFinished(() => {
    rmSync(made, { recursive: true, force: true })
  })
  return made
}

/** What it tells, one after the other. */
function told(events: Observable<RingEvent>): () => Promise<string> {
  const queue: string[] = []
  let wake: (() => void) | undefined
  const subscription = events.subscribe(({ kind, ring }) => {
    queue.push(`${ring} ${kind}`)
    wake?.()
  })
  onTestFinished(() => {
    subscription.unsubscribe()
  })
  return async () => {
    for (;;) {
      const event = queue.shift()
      if (event !== undefined) return event
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}

test('rings there are at first, rings that come, rings that go', async () => {
  const where = { directory: directory() }
  const first = createWriter('first', { ...SMALL, ...where })
  const next = told(rings(where))
  expect(await next()).toBe('first appeared')
  const second = createWriter('second', { ...SMALL, ...where })
  expect(await next()).toBe('second appeared')
  second.setFormat({ dtype: 'uint8', shape: [100_000] })
  expect(await next()).toBe('second replaced')
  first.close()
  expect(await next()).toBe('first gone')
  second.close()
  expect(await next()).toBe('second gone')
})

test('a writer that is killed, and the one that takes its place', async () => {
  const where = { directory: directory() }
  const writer = await actor()
  await writer.does('create', { name: 'front', options: { ...SMALL, ...where } })
  const next = told(rings({ ...where, every: 20 }))
  expect(await next()).toBe('front appeared')
  await crash(writer)
  expect(await next()).toBe('front died')
  // What was dead before anybody looked is told of as such.
  expect(await told(rings(where))()).toBe('front died')
  const again = createWriter('front', { ...SMALL, ...where })
  expect(await next()).toBe('front appeared')
  again.close()
  expect(await next()).toBe('front gone')
})

test('files that are no rings are passed over, and a directory that is none is an error', async () => {
  const where = { directory: directory() }
  writeFileSync(`${where.directory}/framering.odd.data`, 'not a ring')
  writeFileSync(`${where.directory}/framering.bad\u001bname.data`, '')
  const next = told(rings({ ...where, every: 20 }))
  const writer = createWriter('front', { ...SMALL, ...where })
  expect(await next()).toBe('front appeared')
  writer.close()
  expect(await next()).toBe('front gone')
  await expect(firstValueFrom(rings({ directory: '/nowhere' }))).rejects.toEqual(
    failure('OPTION_INVALID', /\/nowhere/),
  )
  expect(() => rings({ directory: 'here' })).toThrow(failure('OPTION_INVALID'))
  expect(() => rings({ every: 0 })).toThrow(failure('OPTION_INVALID'))
})
