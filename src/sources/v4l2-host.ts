import { loadNative, type V4l2Binding } from '../native/index.ts'

/** Where cameras are found: the native part and the two directories of the kernel's. */
export interface V4l2Host {
  readonly binding: V4l2Binding
  /** holds video0, video1, … */
  readonly dev: string
  /** holds a folder of the same name for each, with `index` and `name` */
  readonly sys: string
}

let instead: V4l2Host | undefined

/** This machine, or what a test has put in its place. */
export function v4l2Host(): V4l2Host {
  return instead ?? { binding: loadNative(), dev: '/dev', sys: '/sys/class/video4linux' }
}

/** @internal For tests: devices that are played from a recording. `undefined`: this machine again. */
export function useV4l2Host(host: V4l2Host | undefined): void {
  instead = host
}
