import { type Check, failing, fine } from './finding.ts'

const CHECK = 'native'

/** Whether the native part loads, and whether a ring can be made with it. */
export const nativePart: Check = async (system, directory) => {
  const part = system.native()
  if (!part.loaded)
    return [failing(CHECK, part.message, ...(part.command === null ? [] : [part.command]))]
  const built = part.path.includes('/prebuilds/')
    ? 'came with the package'
    : 'built on this machine'
  const loads = fine(CHECK, `${part.path} loads (${system.arch}, ${built})`)
  // A ring is made as writers do: with a nameless file, a link, locks and FIFOs.
  const failure = await system.tryRing(directory)
  if (failure === undefined)
    return [loads, fine('ring', `a ring was made in ${directory}, and removed`)]
  return [loads, failing('ring', `no ring can be made: ${failure.code}`, failure.message)]
}
