import { onTestFinished } from 'vitest'
import { Peer } from '../support/peer.ts'

const SCRIPT = new URL('../processes/segment-holder.mjs', import.meta.url)

/** Another process that has one piece of memory and does with it as it is told. */
export class Holder extends Peer {
  async does(kind: string, order: object = {}): Promise<unknown> {
    this.say(kind, order)
    const { value, error } = await this.heard('did')
    if (error !== undefined) throw Object.assign(new Error(), error)
    return value
  }
}

/** A new one, killed at the end of the test. `under`: a shell script that ends in `exec "$@"`. */
export async function holder(under?: string, env: NodeJS.ProcessEnv = {}): Promise<Holder> {
  const made = new Holder(SCRIPT, {}, [], env, under)
  onTestFinished(async () => {
    made.kill()
    await made.ended()
  })
  await made.heard('ready')
  return made
}
