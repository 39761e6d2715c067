import { resolveFormat } from '../format/index.ts'
import type { NativeWriter, NativeWriterOptions } from '../native/index.ts'
import { asFrameringError } from '../native/index.ts'
import { transport } from '../transport/index.ts'
import { infoText, toNative } from './epoch.ts'
import { checkOptions, choiceOption, durationOption, wholeOption } from '../options/index.ts'
import { checkName, directoryOption } from './names.ts'
import { readersOption, roomOption, slotsOption } from './slots-for.ts'
import { Writer } from './writer.ts'
import type { WriterOptions } from './writer-options.ts'
import { LOAN_VIEWS, MEMORY_LOCKS, WRITER_OPTIONS } from './writer-options.ts'

const MAX_GID = 0xffff_fffe

/**
 * Creates a ring, and over the remains of a dead writer if there are any.
 *
 * ```ts
 * const writer = createWriter('front', { format: { fourcc: 'RGB3', width: 1920, height: 1080 }, slots: 8 })
 * const depth = createWriter('depth', { dtype: 'float32', shape: [480, 640] })
 * ```
 *
 * `name`: 1 to 128 of the characters A–Z a–z 0–9 . _ -
 *
 * All memory is taken here, never later: `ringBytes(options)` tells how much.
 *
 * Throws `NAME_INVALID`, `NAME_IN_USE`, `FORMAT_INVALID`, `OPTION_INVALID`, `PERMISSION`, `SHM_FULL`,
 * `MEMLOCK`, `UNSUPPORTED` or `SYSTEM`, and leaves nothing behind then.
 */
export function createWriter(name: string, options: WriterOptions): Writer {
  checkOptions('createWriter', options, WRITER_OPTIONS)
  const ringName = checkName(name)
  const format = resolveFormat(options)
  const nativeOptions: NativeWriterOptions = {
    name: ringName,
    directory: directoryOption(options.directory),
    format: toNative(format),
    slotBytes: roomOption(options.slotBytes, format.bytes),
    slotCount: slotsOption(options.slots),
    maxReaders: readersOption(options.maxReaders),
    mode: wholeOption('mode', options.mode, 0o600, 0, 0o777),
    group: wholeOption('group', options.group, -1, 0, MAX_GID),
    controlMode: options.controlGroup === undefined ? 0 : 0o660,
    controlGroup: wholeOption('controlGroup', options.controlGroup, -1, 0, MAX_GID),
    memoryLock: choiceOption('memoryLock', options.memoryLock, 'try', MEMORY_LOCKS),
    reliableLimit: durationOption('reliableLimit', options.reliableLimit, 1000),
    descriptor: infoText(options.info),
  }
  const views = choiceOption('views', options.views, 'revoke', LOAN_VIEWS)
  let writer: NativeWriter
  try {
    writer = transport().createWriter(nativeOptions)
  } catch (error) {
    throw asFrameringError(error)
  }
  return Writer.make(ringName, writer, format, views)
}
