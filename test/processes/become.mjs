// Another user's eyes: for tests that are started by root.
import { now } from 'framering'

/** Gives up this process's identity for good. */
export function become({ uid, gid, groups = [] }) {
  // Loads the addon while it may still be read.
  now()
  process.setgroups(groups)
  process.setgid(gid)
  process.setuid(uid)
}
