/** Shows the message and ends the process with code 2: the command line was wrong. */
export function usageError(message: string): never {
  console.error(`${message}\nSee --help.`)
  process.exit(2)
}

/** The value of a flag that takes a number; undefined when it was not given. */
export function numberFlag(
  name: string,
  text: string | undefined,
  { whole = true, least = 1 } = {},
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() !== '' && value >= least && Number.isFinite(value)) {
    if (!whole || Number.isSafeInteger(value)) return value
  }
  usageError(`--${name} takes a ${whole ? 'whole ' : ''}number from ${least}, not '${text}'`)
}

/** The value of a flag that takes one of a few words. */
export function choiceFlag<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((word) => word === text)
  return choice ?? usageError(`--${name} takes ${choices.join(', ')}, not '${text}'`)
}
