export { aborted } from './aborted.ts'
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
