import { bytesText } from '../units.ts'
import { containerOf } from './container.ts'
import { type Check, failing, fine, warning } from './finding.ts'
import type { System } from './system.ts'

const CHECK = 'shared-memory'
const MIB = 2 ** 20
/** What Docker and Kubernetes give a container: eight frames of 1080p RGB just fit. */
const SMALL = 64 * MIB
const FEW_FILES = 64
/** TMPFS_MAGIC and RAMFS_MAGIC of linux/magic.h */
const IN_MEMORY = [0x01021994, 0x858458f6]

/** Size and room of the place where rings are. */
export const sharedMemory: Check = (system, directory) => {
  const fs = system.fileSystem(directory)
  if (fs === undefined) {
    return [
      failing(
        CHECK,
        `${directory} is not there`,
        `mkdir -p ${directory} && mount -t tmpfs -o mode=1777 tmpfs ${directory}`,
      ),
    ]
  }
  if (!IN_MEMORY.includes(fs.type)) {
    return [
      warning(
        CHECK,
        `${directory} is on a disk's file system: frames are written to the disk`,
        `mount -t tmpfs -o mode=1777 tmpfs ${directory}`,
        'or have the rings in /dev/shm: leave out --directory',
      ),
    ]
  }
  // A tmpfs without a size takes what memory there is.
  if (fs.bytes === 0) return [fine(CHECK, `${directory} has no limit of its own`)]
  const has = `${directory} has ${bytesText(fs.freeBytes)} free of ${bytesText(fs.bytes)}`
  const clean = `what dead writers left: framering clean --directory ${directory}`
  if (fs.freeBytes < MIB) return [failing(CHECK, has, clean, ...enlarge(system, directory))]
  if (fs.files > 0 && fs.freeFiles < FEW_FILES) {
    return [
      warning(
        CHECK,
        `${directory} has room for ${fs.freeFiles} more files, and a ring takes four`,
        `mount -o remount,nr_inodes=1m ${directory}`,
        clean,
      ),
    ]
  }
  if (fs.bytes <= SMALL) {
    const small = `${has}: a ring of eight frames of 1080p takes 48 MiB`
    return [warning(CHECK, small, ...enlarge(system, directory))]
  }
  if (fs.freeBytes < fs.bytes / 10) {
    return [warning(CHECK, has, clean, ...enlarge(system, directory))]
  }
  return [fine(CHECK, has)]
}

function enlarge(system: System, directory: string): string[] {
  switch (containerOf(system)) {
    case 'Docker':
      return ['Docker: docker run --shm-size=1g …', "Compose: shm_size: '1gb' in the service"]
    case 'Podman':
      return ['Podman: podman run --shm-size=1g …']
    case 'Kubernetes':
      return [
        'Kubernetes: volumes: [{name: shm, emptyDir: {medium: Memory, sizeLimit: 1Gi}}] and ' +
          'volumeMounts: [{name: shm, mountPath: /dev/shm}]; it counts against resources.limits.memory',
      ]
    default:
      return [
        `now: mount -o remount,size=50% ${directory}`,
        `for good: 'tmpfs ${directory} tmpfs size=50%,mode=1777 0 0' in /etc/fstab`,
      ]
  }
}
