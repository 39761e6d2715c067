import { describe, expect, test } from 'vitest'
import { Cast } from '../support/cast.ts'
import { fresh } from './fixtures.ts'

const cast = new Cast()

describe('a child forked without exec', () => {
  test('is refused its parent’s semaphore, whose units it cannot touch, and may open its own', async () => {
    const semaphore = fresh({ value: 2 })
    const actor = cast.actor()
    const does = (verb: string, words = {}) => actor.ask(verb, words, 'semaphore')
    expect((await does('semaphore', { name: semaphore.name }))['status']).toBe('OK')
    await actor.ask('fork', {}, 'forked')
    expect((await does('semaphore-post'))['status']).toBe('CLOSED')
    expect((await does('semaphore-value'))['status']).toBe('CLOSED')
    expect(await does('semaphore-wait', { ms: 0 })).toMatchObject({ status: 'CLOSED' })
    expect((await does('semaphore-close'))['status']).toBe('OK')
    expect(semaphore.value).toBe(2)
    expect((await does('semaphore', { name: semaphore.name }))['status']).toBe('OK')
    expect((await does('semaphore-wait', { ms: 0 }))['end']).toBe(0)
    expect(semaphore.value).toBe(1)
  })
})
