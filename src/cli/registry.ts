import type { Command } from 'commander'
import type { Io } from './io.ts'

/** A command as it is known before it is loaded. */
export interface Entry {
  readonly name: string
  /** one line, without a full stop */
  readonly summary: string
  /** looks at rings that others are at work on, and gives way to them: runs at nice 10 */
  readonly onlooker?: true
  /** not listed in the help: called by scripts only */
  readonly hidden?: true
  load(): Promise<{ command(io: Io): Command }>
}

/** All commands, in the order of the help. Only the one that is asked for is loaded. */
export const COMMANDS: readonly Entry[] = [
  {
    name: 'ls',
    summary: 'list the rings there are',
    onlooker: true,
    load: () => import('./commands/ls.ts'),
  },
  {
    name: 'info',
    summary: 'all about a ring: format, slots, readers, losses, memory',
    onlooker: true,
    load: () => import('./commands/info.ts'),
  },
  {
    name: 'explain',
    summary: 'what is wrong with a ring, and what to do about it',
    onlooker: true,
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'hz',
    summary: 'frames a second, and how evenly they come',
    onlooker: true,
    load: () => import('./commands/hz.ts'),
  },
  {
    name: 'bw',
    summary: 'bytes a second, and the sizes of frames',
    onlooker: true,
    load: () => import('./commands/bw.ts'),
  },
  {
    name: 'delay',
    summary: 'how late frames are, from capture to the readers',
    onlooker: true,
    load: () => import('./commands/delay.ts'),
  },
  {
    name: 'echo',
    summary: 'the header of each frame, and what was lost between',
    onlooker: true,
    load: () => import('./commands/echo.ts'),
  },
  {
    name: 'top',
    summary: 'watch the figures of rings and their readers, full screen',
    onlooker: true,
    load: () => import('./commands/top.ts'),
  },
  {
    name: 'metrics',
    summary: 'serve the figures of rings and their readers to Prometheus',
    onlooker: true,
    load: () => import('./commands/metrics.ts'),
  },
  {
    name: 'view',
    summary: 'watch rings in a browser or a terminal',
    load: () => import('./commands/view.ts'),
  },
  {
    name: 'doctor',
    summary: 'whether framering can work here, and what mends it',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'size',
    summary: 'work out slots, bytes and the shared memory to ask for',
    load: () => import('./commands/size.ts'),
  },
  {
    name: 'clean',
    summary: 'list what dead writers left, and with --yes remove it',
    load: () => import('./commands/clean.ts'),
  },
  {
    name: 'rm',
    summary: 'remove what dead writers left of some rings',
    load: () => import('./commands/rm.ts'),
  },
  {
    name: 'pub',
    summary: 'publish a test pattern, a film, a camera, pictures or a pipe',
    load: () => import('./commands/pub.ts'),
  },
  {
    name: 'cat',
    summary: 'write frames to a pipe, raw or as .npy',
    load: () => import('./commands/cat.ts'),
  },
  {
    name: 'snap',
    summary: 'save the newest frame as a picture or array',
    load: () => import('./commands/snap.ts'),
  },
  {
    name: 'bench',
    summary: 'measure what framering costs on this machine',
    load: () => import('./commands/bench.ts'),
  },
  {
    name: 'completion',
    summary: 'print the script that completes command lines in bash, zsh or fish',
    load: () => import('./commands/completion.ts'),
  },
  {
    name: 'complete',
    summary: 'what a command line may go on with, for the scripts of completion',
    hidden: true,
    load: () => import('./commands/complete.ts'),
  },
]
