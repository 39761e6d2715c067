/** Control characters, and those that turn the order of what stands around them. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/**
 * Text of a ring, a device or a command line as a terminal may show it.
 *
 * ```ts
 * printable('front\x1b[2J') // 'front\\x1b[2J', which clears no screen
 * ```
 *
 * A terminal obeys what it is sent: whoever may create a ring could otherwise type on the screen of
 * whoever lists it. Control characters and marks of direction become escapes, all else stays.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`
  })
}

/** A value as one line of JSON, with the same characters escaped as JSON has them. */
export function printableJson(value: object): string {
  return JSON.stringify(value).replace(
    UNPRINTABLE,
    (character) => `\\u${hex(character.charCodeAt(0), 4)}`,
  )
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
