export { aborted } from './aborted.ts'
export {
  checkOptions,
  choiceOption,
  durationOption,
  flagOption,
  positiveOption,
  refuse,
  signalOption,
  wholeOption,
} from './options.ts'
export { show } from './show.ts'
