import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// The example's own test runs beside this one.
test.each(['brightness.ts', 'brightness.test.ts'])('docs/testing.md shows %s as it is', (file) => {
  const docs = readFileSync(new URL('../../docs/testing.md', import.meta.url), 'utf8')
  const source = readFileSync(new URL(`example/${file}`, import.meta.url), 'utf8')
  expect(docs).toContain(`// ${file}\n${source}`)
})
