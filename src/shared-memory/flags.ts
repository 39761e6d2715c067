import { constants } from 'node:fs'
import { FrameringError } from '../errors/framering-error.ts'
import { show } from '../options/index.ts'

/** Attach to the memory of that name, or create it. */
export const O_CREAT: number = constants.O_CREAT
/** With `O_CREAT`: only create it. */
export const O_EXCL: number = constants.O_EXCL
/** Create it, or fail: `O_CREAT | O_EXCL`. */
export const O_CREX: number = O_CREAT | O_EXCL

/** What to do about a name. */
export type Intent = 'attach' | 'create' | 'attach-or-create'

/** Throws `OPTION_INVALID` for any flags but 0, `O_CREAT` and `O_CREX`. */
export function intentOf(flags: number): Intent {
  if (flags === 0) return 'attach'
  if (flags === O_CREAT) return 'attach-or-create'
  if (flags === O_CREX) return 'create'
  throw new FrameringError(
    'OPTION_INVALID',
    `flags is ${show(flags)}; give 0 to attach, O_CREX to create, O_CREAT for whichever it takes. ` +
      'O_TRUNC would empty memory that others have mapped: unlink it, and create it anew',
  )
}
