/** The addon's face for memory with or without a name, as native/addon/src/segment.cc exports it. */

export const enum SegmentFlags {
  None = 0,
  ReadOnly = 1,
  Follow = 2,
}

export interface NativeSegmentOptions {
  kind: 'create' | 'open' | 'anonymous' | 'attach'
  /** a directory, a path, '' or a name, in that order */
  path: string
  /** of what is new */
  bytes: number
  mode: number
  flags: SegmentFlags
}

export interface NativeSegmentInfo {
  bytes: number
  mode: number
  readOnly: boolean
  truncated: boolean
  device: string
  inode: string
  /** of anonymous memory, otherwise '' */
  name: string
}

export interface NativeSegment {
  /** An ArrayBuffer over all bytes, made anew at each call. Where the runtime forbids those: undefined. */
  buffer(): ArrayBuffer | undefined
  info(): NativeSegmentInfo
  link(path: string): void
  sync(offset: number, length: number, flags: number): void
  lock(offset: number, length: number): void
  unlock(offset: number, length: number): void
  /** idempotent */
  close(): void
}

export interface SegmentBinding {
  openSegment(options: NativeSegmentOptions): NativeSegment
}
