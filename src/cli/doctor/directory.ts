import { type Check, failing, fine, warning } from './finding.ts'

const CHECK = 'directory'
const STICKY = 0o1000
const ALL_WRITE = 0o002

/** Who may make rings there, and remove those of others. */
export const directory: Check = (system, path) => {
  const facts = system.facts(path)
  // What `shared-memory` says already.
  if (facts === undefined) return []
  const mode = facts.mode.toString(8).padStart(4, '0')
  if (!facts.writable) {
    return [
      failing(
        CHECK,
        `uid ${system.uid} may make no ring in ${path} (mode ${mode}, of uid ${facts.uid})`,
        `chmod 1777 ${path}`,
      ),
    ]
  }
  if ((facts.mode & ALL_WRITE) !== 0 && (facts.mode & STICKY) === 0) {
    return [
      warning(
        CHECK,
        `everybody may remove rings of others in ${path} (mode ${mode})`,
        `chmod 1777 ${path}`,
      ),
    ]
  }
  return [fine(CHECK, `uid ${system.uid} may make rings in ${path} (mode ${mode})`)]
}
