import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
// @ts-expect-error -- plain JavaScript, read by a script that runs without a build
import { models as table } from './models.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(`${root}docs/model.md`, 'utf8')
const models = table as { name: string; mutants: { define: string }[] }[]

/** Rows of the page's table of steps: file, function, fragment. */
const steps = page
  .split('\n')
  .filter((line) => line.startsWith('|') && /`(native|src)\//.test(line))
  .map((line) => {
    const [, , file, name, fragment] = line.split('|').map((cell) =>
      cell
        .trim()
        .replace(/^(`|<code>)|(`|<\/code>)$/g, '')
        .replaceAll('&#124;', '|'),
    )
    return { file: file!, name: name!, fragment: fragment! }
  })

describe('docs/model.md', () => {
  test('maps the steps of every model', () => {
    expect(steps.length).toBeGreaterThan(40)
  })

  test.each(steps)('$name in $file still says: $fragment', ({ file, name, fragment }) => {
    expect(existsSync(root + file), file).toBe(true)
    const text = readFileSync(root + file, 'utf8')
    expect(text).toContain(fragment)
    // A method is defined in a class of its own namespace, or in the class itself.
    expect(text).toContain(name.split(/::|\./).at(-1))
  })

  test('names every mutant', () => {
    const missing = models
      .flatMap((m) => m.mutants.map((x) => x.define))
      .filter((d) => !page.includes(d))
    expect(missing).toEqual([])
  })
})

test.each(models)('every mutant of $name.pml is compiled into it', ({ name, mutants }) => {
  const text = readFileSync(new URL(`${name}.pml`, import.meta.url), 'utf8')
  for (const { define } of mutants) expect(text).toMatch(new RegExp(`\\b${define}\\b`))
})
