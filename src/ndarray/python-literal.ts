import { FrameringError } from '../errors/framering-error.ts'

/** What the parser gives: dicts as maps, tuples and lists alike as arrays, None as null. */
export type PythonValue =
  string | number | boolean | null | PythonValue[] | Map<string, PythonValue>

/** Nesting beyond this is an attack on the stack, not a header. */
const DEEPEST = 32

/**
 * Parses the Python literals that `.npy` headers are made of: dicts with string keys, tuples, lists,
 * strings, whole numbers (with Python 2's `L`), True, False, None.
 *
 * ```ts
 * parsePythonLiteral("{'shape': (3, 4), }") // Map { 'shape' => [3, 4] }
 * ```
 *
 * Throws `NPY_INVALID` that says at which character.
 */
export function parsePythonLiteral(text: string): PythonValue {
  const parser = new Parser(text)
  const value = parser.value(0)
  parser.end()
  return value
}

class Parser {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  value(depth: number): PythonValue {
    if (depth > DEEPEST) throw this.error(`nesting deeper than ${DEEPEST}`)
    switch (this.peek()) {
      case '{':
        return this.dict(depth)
      case '(':
        return this.tuple(depth)
      case '[':
        return this.items('[', ']', depth).items
      case "'":
      case '"':
        return this.string()
      default:
        return this.word()
    }
  }

  end(): void {
    if (this.peek() !== '') throw this.error('the end')
  }

  private dict(depth: number): Map<string, PythonValue> {
    const dict = new Map<string, PythonValue>()
    this.take('{')
    while (this.peek() !== '}') {
      const key = this.string()
      this.take(':')
      dict.set(key, this.value(depth + 1))
      if (this.peek() !== '}') this.take(',')
    }
    this.take('}')
    return dict
  }

  /** `(3)` is the number 3; only a comma makes a tuple. */
  private tuple(depth: number): PythonValue {
    const { items, commas } = this.items('(', ')', depth)
    return items.length === 1 && commas === 0 ? (items[0] as PythonValue) : items
  }

  private items(open: string, close: string, depth: number) {
    const items: PythonValue[] = []
    let commas = 0
    this.take(open)
    while (this.peek() !== close) {
      items.push(this.value(depth + 1))
      if (this.peek() === close) break
      this.take(',')
      commas++
    }
    this.take(close)
    return { items, commas }
  }

  private string(): string {
    const quote = this.peek()
    if (quote !== "'" && quote !== '"') throw this.error('a string')
    this.at++
    let value = ''
    for (;;) {
      const char = this.text.charAt(this.at++)
      if (char === '' || char === '\n') throw this.error(`a closing ${quote}`)
      if (char === quote) return value
      value += char === '\\' ? this.text.charAt(this.at++) : char
    }
  }

  private word(): PythonValue {
    const word = /^[\w-]+/.exec(this.text.slice(this.at, this.at + 32))?.[0] ?? ''
    const value = NAMES.get(word) ?? (/^-?\d+L?$/.test(word) ? parseInt(word, 10) : undefined)
    if (value === undefined && word !== 'None') throw this.error('a value')
    if (typeof value === 'number' && !Number.isSafeInteger(value)) {
      throw this.error('a smaller number')
    }
    this.at += word.length
    return value ?? null
  }

  private take(char: string): void {
    if (this.peek() !== char) throw this.error(`"${char}"`)
    this.at++
  }

  /** The next character that is not a space; '' at the end. */
  private peek(): string {
    while (/\s/.test(this.text.charAt(this.at))) this.at++
    return this.text.charAt(this.at)
  }

  private error(expected: string): FrameringError {
    const found = this.text.slice(this.at, this.at + 12)
    return new FrameringError(
      'NPY_INVALID',
      `not a readable .npy: at character ${this.at} of its header, expected ${expected}, ` +
        `found ${found === '' ? 'the end' : JSON.stringify(found)}`,
    )
  }
}

const NAMES: ReadonlyMap<string, boolean> = new Map([
  ['True', true],
  ['False', false],
])
