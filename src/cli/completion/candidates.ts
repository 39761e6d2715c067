import type { Argument, Command, Option } from 'commander'

/** What may stand at the cursor: a value with what it means, or a path that the shell completes. */
export type Candidates =
  | {
      readonly kind: 'values'
      readonly values: readonly (readonly [value: string, means: string])[]
    }
  | { readonly kind: 'rings'; readonly directory: string | undefined }
  | { readonly kind: 'files' | 'directories' | 'nothing' }

/**
 * What `words` of a command, the last of which is being typed, may go on with. A value given as
 * `--flag=value` is completed without its flag.
 *
 * What a flag or argument takes follows from its choices, or else from its placeholder: `<ring>`,
 * `<file>` and `<directory>`.
 */
export function candidatesOf(command: Command, words: readonly string[]): Candidates {
  const current = words.at(-1) ?? ''
  let operands = 0
  let onlyOperands = false
  let awaiting: Option | undefined
  let directory: string | undefined
  const take = (option: Option, value: string): void => {
    if (option.attributeName() === 'directory') directory = value
  }
  for (const word of words.slice(0, -1)) {
    if (awaiting !== undefined) {
      take(awaiting, word)
      awaiting = undefined
    } else if (onlyOperands || !word.startsWith('-') || word === '-') operands++
    else if (word === '--') onlyOperands = true
    else {
      const [flag, value] = split(word)
      const option = named(command, flag)
      if (option !== undefined && value !== undefined) take(option, value)
      else if (option?.required) awaiting = option
    }
  }
  if (awaiting !== undefined) return valuesOf(awaiting, directory)
  if (current.startsWith('-') && !onlyOperands) {
    const [flag, value] = split(current)
    if (value === undefined) return flags(command)
    const option = named(command, flag)
    return option === undefined ? { kind: 'nothing' } : valuesOf(option, directory)
  }
  const args = command.registeredArguments
  const last = args.at(-1)
  const argument = args[operands] ?? (last?.variadic ? last : undefined)
  return argument === undefined ? { kind: 'nothing' } : valuesOf(argument, directory)
}

/** What is being typed of the last word: behind the flag's `=`, if it has one. */
export function typed(words: readonly string[]): string {
  const current = words.at(-1) ?? ''
  return current.startsWith('--') ? (split(current)[1] ?? current) : current
}

/** bash takes `--flag=value` for three words, or two where nothing stands behind the `=` yet. */
export function rejoined(words: readonly string[]): readonly string[] {
  const whole: string[] = []
  for (const [i, word] of words.entries()) {
    const before = words[i - 1]
    if (word === '=' && before?.startsWith('--')) whole.push(`${whole.pop() ?? ''}=`)
    else if (before === '=' && words[i - 2]?.startsWith('--'))
      whole.push(`${whole.pop() ?? ''}${word}`)
    else whole.push(word)
  }
  return whole
}

function split(word: string): readonly [flag: string, value: string | undefined] {
  const at = word.indexOf('=')
  return at === -1 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

function named({ options }: Command, flag: string): Option | undefined {
  return options.find(({ long, short }) => long === flag || short === flag)
}

function flags(command: Command): Candidates {
  const values = command
    .createHelp()
    .visibleOptions(command)
    .map((option) => [option.long ?? option.short ?? '', option.description] as const)
  return { kind: 'values', values }
}

function valuesOf(taken: Option | Argument, directory: string | undefined): Candidates {
  if (taken.argChoices !== undefined) {
    return { kind: 'values', values: taken.argChoices.map((choice) => [choice, '']) }
  }
  switch (placeholder(taken)) {
    case 'ring':
      return { kind: 'rings', directory }
    case 'file':
      return { kind: 'files' }
    case 'directory':
      return { kind: 'directories' }
    default:
      return { kind: 'nothing' }
  }
}

function placeholder(taken: Option | Argument): string | undefined {
  if ('flags' in taken) return /[<[]([\w-]+)(?:\.{3})?[>\]]/.exec(taken.flags)?.[1]
  return taken.name()
}
