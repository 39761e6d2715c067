import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Frame, WriterOptions } from '../../src/index.ts'
import { testReader, testWriter } from '../ring/fixtures.ts'

/** An empty folder that is gone when the test ends. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'framering-sinks-'))
  onTestFinished(() => {
    rmSync(path, { recursive: true })
  })
  return path
}

/** One frame of a ring of its own, what was put into it, and how many leases its reader holds. */
export function oneFrame(
  options: WriterOptions,
  fill: (data: Uint8Array) => object | undefined,
): { frame: Frame; leases: () => number } {
  const writer = testWriter(options)
  using loan = writer.loan()
  loan.publish(fill(loan.data))
  const reader = testReader(writer)
  const frame = reader.tryNext() as Frame
  onTestFinished(() => {
    frame.release()
  })
  return { frame, leases: () => reader.stats().leases }
}

export function noise(data: Uint8Array): undefined {
  for (let i = 0; i < data.length; i++) data[i] = (i * 2654435761) >>> 24
  return undefined
}

/** Children of this process that are alive or not reaped. */
export function children(): number[] {
  const task = `/proc/${process.pid}/task`
  return readdirSync(task).flatMap((thread) =>
    readFileSync(join(task, thread, 'children'), 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}
