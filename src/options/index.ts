export { aborted } from './aborted.ts'
export { nearest } from './known-options.ts'
export {
  checkOptions,
  choiceOption,
  durationOption,
  flagOption,
  positiveOption,
  refuse,
  shapeOption,
  signalOption,
  wholeOption,
} from './options.ts'
export { show } from './show.ts'
