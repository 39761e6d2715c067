import { parseArgs, type ParseArgsConfig } from 'node:util'

/** A command line that makes no sense; its message says what to type instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

type Options = NonNullable<ParseArgsConfig['options']>

/** What a command line says, by flag, and what else stands on it. */
export type Flags<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>
>

/** `parseArgs` of Node, whose complaints become UsageErrors. */
export function parseFlags<const T extends Options>(
  command: string,
  args: readonly string[],
  options: T,
): Flags<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    const { message } = error as Error
    throw new UsageError(`${message}\nframering ${command} --help lists what there is`)
  }
}

/** A whole number given to a flag, undefined when it was not given. */
export function wholeFlag(
  name: string,
  value: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (value.trim() !== '' && Number.isInteger(number) && number >= least && number <= most) {
    return number
  }
  throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, got '${value}'`)
}

/** Resolves at Ctrl-C, SIGTERM or SIGHUP. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve()
      })
    }
  })
}
