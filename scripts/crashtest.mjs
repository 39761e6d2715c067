#!/usr/bin/env node
// Kills writers, readers and sweeps at every kill-point of the core and at random instants, and
// sees to it that everybody else goes on (I4).
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Lane } from '../test/crash/lane.mjs'
import { buildActor } from '../test/crash/program.mjs'
import { anywhere } from '../test/crash/random-deaths.mjs'
import { scenarios } from '../test/crash/scenarios.mjs'

const USAGE = `usage: npm run crashtest -- [--rounds N] [--only POINT] [--seed S] [--json]
  --rounds N    how often each point has its turn (default 3); as many rounds in all again with
                deaths at random instants
  --only POINT  this point's rounds and no others; 'random' for those at random instants
  --seed S      to have the same rounds again; a failed round names it
  --json        nothing but one object: kills, failures, seconds`

const options = parsed()
try {
  process.exitCode = options === undefined ? 2 : await main(options)
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

async function main({ rounds, only, seed, json }) {
  const say = json ? () => {} : console.log
  const program = await buildActor(say)
  const lanes = Array.from({ length: availableParallelism() + 1 }, () => new Lane(program))
  const points = await kinds(lanes[0], only)
  const turns = Array.from({ length: rounds }, (_, i) => points.map(turn(i))).flat()
  if (only === undefined || only === 'random') {
    const count = only === undefined ? turns.length : rounds
    // Among the others, so that a run that is cut short has had both.
    for (let i = 0; i < count; i++) {
      turns.splice(2 * i + 1, 0, { point: 'random', i, play: anywhere })
    }
  }
  say(`seed ${seed}: ${turns.length} rounds at ${points.length} points and at random instants`)

  const started = performance.now()
  const failures = []
  let next = 0
  const alive = []
  async function run(lane) {
    while (next < turns.length && failures.length < 5) {
      const { point, i, play } = turns[next++]
      lane.begin(seed, point, i)
      try {
        await play(lane)
      } catch (error) {
        failures.push({ point, round: i, seed, error: error.message })
        if (!json) console.error(`${point}, round ${i} (--seed ${seed}): ${error.stack}`)
        // Whoever was in that round may be anywhere now.
        const { kills } = lane
        await lane.close()
        lane = new Lane(program)
        lane.kills = kills
      }
    }
    alive.push(lane)
  }
  await Promise.all(lanes.map(run))
  const seconds = (performance.now() - started) / 1000
  const kills = sum(alive)
  await Promise.all(alive.map((lane) => lane.close()))

  const total = Object.values(kills).reduce((a, b) => a + b, 0)
  if (json) {
    const figures = { seed, rounds: turns.length, kills: total, seconds: round(seconds) }
    console.log(JSON.stringify({ ...figures, failures, killsAt: kills }))
  } else {
    for (const [point, count] of Object.entries(kills))
      say(`${String(count).padStart(7)}  ${point}`)
    say(
      `${total} kills in ${turns.length} rounds, ${seconds.toFixed(1)} s ` +
        `(${(total / seconds).toFixed(0)} per second), ${failures.length} failures`,
    )
  }
  return failures.length === 0 ? 0 : 1
}

/** The core's points; a point nobody knows how to reach is a failure of ours. */
async function kinds(lane, only) {
  const actor = lane.hire()
  actor.say('points')
  await actor.heard('points')
  const named = []
  while (actor.unheard('point') > 0) named.push((await actor.heard('point')).name)
  lane.dismiss(actor)
  const unknown = named.filter((point) => scenarios[point] === undefined)
  if (unknown.length > 0) throw new Error(`no scenario leads to ${unknown.join(', ')}`)
  const gone = Object.keys(scenarios).filter((point) => !named.includes(point))
  if (gone.length > 0) throw new Error(`the core has no kill-point ${gone.join(', ')}`)
  if (only === undefined) return named
  if (only !== 'random' && !named.includes(only)) throw new Error(`no kill-point is called ${only}`)
  return only === 'random' ? [] : [only]
}

function turn(i) {
  return (point) => ({ point, i, play: scenarios[point][i % scenarios[point].length] })
}

function sum(lanes) {
  const total = {}
  for (const { kills } of lanes) {
    for (const [point, count] of kills) total[point] = (total[point] ?? 0) + count
  }
  return Object.fromEntries(Object.entries(total).sort())
}

function round(seconds) {
  return Math.round(seconds * 10) / 10
}

function parsed() {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '3' },
        only: { type: 'string' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const rounds = Number(values.rounds)
    if (values.help || !Number.isSafeInteger(rounds) || rounds < 1) throw new Error(USAGE)
    return { ...values, rounds }
  } catch (error) {
    console.error(error.message)
    return undefined
  }
}
