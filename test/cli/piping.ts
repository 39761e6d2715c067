import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { createWriter, type Writer } from '../../src/index.ts'
import { remains, ringName } from '../support/ring-name.ts'
import { CLI, run, type Run } from './framering.ts'

/** A folder that goes with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'framering-cli-'))
  onTestFinished(() => {
    rmSync(path, { recursive: true })
  })
  return path
}

/** Runs a line of bash in which `framering` is the command; a pipe fails where one of its ends does. */
export function shell(line: string, ...args: string[]): Promise<Run> {
  const script = `set -o pipefail; framering() { '${process.execPath}' '${CLI}' "$@"; }; ${line}`
  return run(['bash', '-c', script, 'bash', ...args])
}

/** Resolves when the ring has so many readers: joining is not told to its writer by any event. */
export async function joined(writer: Writer, readers = 1): Promise<void> {
  while (writer.stats().readers < readers) await delay(5)
}

/** Resolves when there is something in the file: its writer has come so far. */
export async function begun(file: string): Promise<void> {
  while (statSync(file).size === 0) await delay(5)
}

/** A ring's name; what a killed writer of it leaves goes with the test. */
export function mortalName(): string {
  const name = ringName()
  onTestFinished(() => {
    if (remains(name).length > 0) createWriter(name, { dtype: 'uint8', shape: [1] }).close()
  })
  return name
}

/** The lines of a command's JSON. */
export function records(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Resolves when a process has the ring's memory: an observer is known to nobody else. */
export async function mapped(pid: number, name: string): Promise<void> {
  while (!readFileSync(`/proc/${pid}/maps`, 'utf8').includes(`framering.${name}.data`)) {
    await delay(5)
  }
}
