import { onTestFinished } from 'vitest'
import { createWriter, type Writer, type WriterOptions } from '../../src/index.ts'
import { ringName } from './ring-name.ts'

/** A live ring of this process, closed at the end of the test. */
export function writerOf(options: WriterOptions, name = ringName()): Writer {
  const writer = createWriter(name, options)
  onTestFinished(() => {
    writer.close()
  })
  return writer
}
