// What every round is made of: a ring, its writer, bystanders that must not notice more than they
// have to, and the audit afterwards. Rounds of one lane come one after another; the bystanders and
// whoever survived live on from round to round.
import { Random } from './random.mjs'
import { Stage } from './stage.mjs'

export const LATEST = 1
export const EVERY = 2
export const RELIABLE = 3

// How often an observer looks for news, in ns.
const OBSERVING = 500_000

export class Failure extends Error {}

export class Lane {
  /** Deaths by place. */
  kills = new Map()
  #marks = 0
  #spare = []

  constructor(program, ring = 'front') {
    this.stage = new Stage(program)
    this.ring = ring
  }

  /** A process that may have lived through other rounds. */
  hire() {
    return this.#spare.pop() ?? this.stage.actor()
  }

  /** Gives one back that has neither writer nor reader any more. */
  dismiss(...actors) {
    this.#spare.push(...actors)
  }

  /** Begins a round: how large the ring is, who looks on. */
  begin(...seeds) {
    this.random = new Random(...seeds)
    const count = this.random.whole(0, 3)
    // Nobody but a round's own actors can ever keep the writer from a slot.
    this.slots = count + this.random.whole(3, 5)
    this.readers = count + this.random.whole(2, 4)
    this.watching = []
    for (let i = 0; i < count; i++) {
      const actor = this.hire()
      if (this.random.chance(20)) {
        const delivery = this.random.of([LATEST, EVERY])
        this.watching.push({ actor, how: { in: 'wait' }, delivery, observe: OBSERVING })
      } else {
        const how = { in: this.random.of(['wait', 'poll', 'ahead']) }
        this.watching.push({ actor, how, delivery: this.random.of([LATEST, EVERY, RELIABLE]) })
      }
    }
  }

  /** Sees to it that there is somebody asleep when the writer does something. */
  atLeastOneWatching() {
    if (this.joined > 0) return
    this.slots += 1
    this.readers += 1
    this.watching.push({ actor: this.hire(), how: { in: 'wait' }, delivery: EVERY })
  }

  /** How many of the bystanders have an entry of the ring; observers have none. */
  get joined() {
    return this.watching.filter(({ observe }) => observe === undefined).length
  }

  get size() {
    return { ring: this.ring, slots: this.slots, readers: this.readers }
  }

  async create(writer, size = this.size) {
    const answer = await writer.ask('create', size, 'created', 'refused')
    if (answer.verb === 'refused') throw new Failure(`the next create failed: ${answer.line}`)
  }

  async open(reader, words) {
    const answer = await reader.ask('open', { ring: this.ring, ...words }, 'opened', 'refused')
    if (answer.verb === 'refused') throw new Failure(`the next open failed: ${answer.line}`)
    return answer
  }

  /** The bystanders join and go to sleep, with their bells armed. */
  async watch(resume = 0) {
    await this.all(async ({ actor, how, delivery, observe = 0 }) => {
      await this.open(actor, { delivery, resume, observe })
      await actor.ask('follow', how, 'asleep')
    })
  }

  all(each) {
    return Promise.all(this.watching.map(each))
  }

  /** All of them hear how the stream was over. */
  async over(how) {
    await this.all(async ({ actor }) => {
      const heard = (await actor.heard('over')).how
      if (heard !== how) throw new Failure(`a bystander was told '${heard}', not '${how}'`)
    })
  }

  /** An actor reached a kill-point and died of it. */
  async killed(victim, point) {
    const end = await victim.gone()
    if (end !== 'signal=9')
      throw new Failure(`the victim ended with ${end} instead of being killed`)
    this.count(point)
  }

  count(point) {
    this.kills.set(point, (this.kills.get(point) ?? 0) + 1)
  }

  /** Arms a point, says what leads there, and waits for the death. */
  async die(victim, point, nth, verb, words) {
    victim.say('arm', { point, nth }).say(verb, words)
    await this.killed(victim, point)
  }

  /** Somebody dies nowhere in particular. */
  async slay(victim) {
    victim.say('kill')
    await this.killed(victim, 'anywhere')
  }

  /** Every bystander gets frames and verifies them, the last one for certain. */
  async deliver(writer, count = this.random.whole(1, 20)) {
    const mark = ++this.#marks
    const { dropped } = await writer.ask('publish', { n: count, mark }, 'published')
    if (dropped !== 0) throw new Failure(`${dropped} of ${count} frames were dropped`)
    await this.all(async ({ actor }) => {
      const { n } = await actor.heard('mark')
      if (n !== mark) throw new Failure(`mark ${n} came instead of ${mark}`)
    })
  }

  /** No slot and no reader entry is lost for good. */
  async audit(writer) {
    const { n: slots } = await writer.ask('lend', {}, 'lent')
    if (slots !== this.slots - 1) {
      throw new Failure(`the writer can lend ${slots} of ${this.slots} slots`)
    }
    const auditor = this.hire()
    const { n: entries } = await auditor.ask('fill', { ring: this.ring }, 'filled')
    this.dismiss(auditor)
    const free = this.readers - this.joined
    if (entries !== free) throw new Failure(`${entries} of ${free} reader entries can be had`)
  }

  /** Whoever comes to what a dead writer left is told so at once. */
  async refused() {
    const reader = this.hire()
    const answer = await reader.ask(
      'open',
      { ring: this.ring, delivery: LATEST },
      'opened',
      'refused',
    )
    this.dismiss(reader)
    if (answer.status !== 'NOT_FOUND') throw new Failure(`the remains were opened: ${answer.line}`)
  }

  /**
   * After a writer's death: the next one works at first try, for everybody, and leaves nothing.
   * `writer`: somebody has made the ring already.
   */
  async recover(resume, writer) {
    if (writer === undefined) {
      writer = this.hire()
      await this.create(writer)
    }
    await this.watch(resume)
    await this.finish(writer)
  }

  /** After a reader's death: sometimes another takes its entry, and must not take over its pins. */
  async outlive(writer) {
    if (this.random.chance(50)) {
      const heir = { actor: this.hire(), how: { in: 'wait' }, delivery: EVERY }
      await this.open(heir.actor, { delivery: heir.delivery })
      await heir.actor.ask('follow', heir.how, 'asleep')
      this.watching.push(heir)
    }
    await this.finish(writer)
  }

  /** The writer goes on as if nothing had been, grows at times, and ends. */
  async finish(writer) {
    if (this.random.chance(30)) {
      await this.deliver(writer)
      await writer.ask('grow', {}, 'grown')
    }
    await this.deliver(writer)
    await this.audit(writer)
    await this.end(writer)
  }

  async end(writer) {
    await writer.ask('close', {}, 'closed')
    await this.over('ended')
    this.dismiss(writer)
    this.empty()
  }

  empty() {
    const left = this.stage.files()
    if (left.length > 0) throw new Failure(`left in the directory: ${left.join(', ')}`)
    for (const { actor } of this.watching) {
      const more = ['mark', 'asleep', 'over'].reduce((sum, verb) => sum + actor.unheard(verb), 0)
      if (more > 0) throw new Failure('a bystander said more than it should')
    }
    this.dismiss(...this.watching.map(({ actor }) => actor))
    this.watching = []
  }

  close() {
    return this.stage.close()
  }
}
