/** What a file system says of itself. */
export interface FileSystem {
  /** magic number, as statfs(2) gives it */
  readonly type: number
  /** 0: without a limit of its own */
  readonly bytes: number
  readonly freeBytes: number
  /** files that may still be made; 0 of 0 where the file system does not count them */
  readonly files: number
  readonly freeFiles: number
}

/** A camera's node in /dev, or what else is asked after. */
export interface FileFacts {
  /** permission bits with the sticky one: 0o1777 */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** for this process */
  readonly readable: boolean
  readonly writable: boolean
}

/** What came of loading the native part. */
export type NativePart =
  | { readonly loaded: true; readonly path: string }
  | { readonly loaded: false; readonly message: string; readonly command: string | null }

/** What the checks look at: the real one is `thisSystem()`, tests have recorded ones. */
export interface System {
  readonly platform: string
  readonly arch: string
  /** as `uname -r` prints it */
  readonly kernel: string
  /** '22.4.0' */
  readonly node: string
  readonly framering: string
  /** undefined: another C library */
  readonly glibc: string | undefined
  readonly uid: number
  readonly user: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** where packages that framering can use are looked for */
  readonly packageFolders: readonly string[]
  /** Text of a file; undefined where it cannot be read. */
  read(path: string): string | undefined
  /** Names in a folder, none where it cannot be read. */
  list(path: string): readonly string[]
  /** undefined where there is no such file */
  facts(path: string): FileFacts | undefined
  /** undefined where there is no such folder */
  fileSystem(path: string): FileSystem | undefined
  /** First line that a program prints; undefined where there is no such program. */
  ask(program: string, ...args: string[]): string | undefined
  native(): NativePart
  /** Makes a small ring in this folder and removes it: why that failed, undefined when it did not. */
  tryRing(directory: string): Promise<{ code: string; message: string } | undefined>
}
