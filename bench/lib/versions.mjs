// What a row was run with.
import { readFileSync } from 'node:fs'

const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))

export function framering() {
  return { framering: read('../../package.json').version, node: process.versions.node }
}
