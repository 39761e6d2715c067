/** Random numbers that follow from a seed (mulberry32), so that a round can be run again. */
export class Random {
  constructor(...seeds) {
    // Mixed well, so that neighbouring rounds have nothing in common.
    this.state = 0x9e3779b9
    for (const byte of seeds.join('/')) {
      this.state = Math.imul(this.state ^ byte.charCodeAt(0), 0x01000193)
      this.state ^= this.state >>> 15
    }
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least, most) {
    this.state = (this.state + 0x6d2b79f5) | 0
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return least + (((t ^ (t >>> 14)) >>> 0) % (most - least + 1))
  }

  chance(percent) {
    return this.whole(1, 100) <= percent
  }

  of(things) {
    return things[this.whole(0, things.length - 1)]
  }
}
