import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type Actor, Stage } from '../crash/stage.mjs'

export const LATEST = 1
export const EVERY = 2
export const RELIABLE = 3

const RING = { ring: 'front', slots: 6, readers: 4 }

/** Actors for one test file, and what tests keep asking of them. Each test leaves nothing behind. */
export class Cast {
  stage!: Stage
  private actors: Actor[] = []

  constructor() {
    // A minute where the program was not built beforehand.
    beforeAll(async () => {
      this.stage = await Stage.open()
    }, 300_000)
    afterEach(async () => {
      for (const actor of this.actors) actor.say('kill')
      await Promise.all(this.actors.map((actor) => actor.gone()))
      this.actors = []
    })
    afterAll(() => this.stage.close())
  }

  actor(): Actor {
    const actor = this.stage.actor()
    this.actors.push(actor)
    return actor
  }

  async writer(words: Record<string, string | number> = {}, actor = this.actor()): Promise<Actor> {
    const answer = await actor.ask('create', { ...RING, ...words }, 'created', 'refused')
    expect(answer.line).toMatch(/^created/)
    return actor
  }

  async reader(words: Record<string, string | number> = {}, actor = this.actor()): Promise<Actor> {
    const open = { ring: RING.ring, delivery: EVERY, ...words }
    const answer = await actor.ask('open', open, 'opened', 'refused')
    expect(answer.line).toMatch(/^opened/)
    return actor
  }

  /** A reader asleep in fr_reader_wait or poll() without any limit. */
  async follower(way: 'wait' | 'poll', words: Record<string, string | number> = {}) {
    const reader = await this.reader(words)
    await reader.ask('follow', { in: way }, 'asleep')
    return reader
  }

  /** What a create comes to. */
  async refusal(words: Record<string, string | number> = {}): Promise<string | number | undefined> {
    const answer = await this.actor().ask('create', { ...RING, ...words }, 'created', 'refused')
    return answer['status']
  }

  async killed(actor: Actor): Promise<void> {
    actor.say('kill')
    expect(await actor.gone()).toBe('signal=9')
  }

  /** What stands there of a ring. */
  files(ring = RING.ring): string[] {
    return this.stage
      .files()
      .filter(
        (file) => file.startsWith(`framering.${ring}.`) || file.startsWith(`framering.${ring}@`),
      )
      .sort()
  }
}
