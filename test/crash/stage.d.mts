/** What an actor said: a verb and its words, numbers as numbers. */
export interface Message {
  readonly verb: string
  readonly line: string
  readonly [word: string]: string | number
}

export declare class Actor {
  /** How it ended: 'signal=9', 'code=0'. */
  readonly end: string | undefined
  say(verb: string, words?: Record<string, string | number>): this
  ask(verb: string, words: Record<string, string | number>, ...answers: string[]): Promise<Message>
  heard(...verbs: string[]): Promise<Message>
  gone(): Promise<string>
  unheard(verb: string): number
}

export declare class Stage {
  static open(): Promise<Stage>
  readonly directory: string
  actor(): Actor
  release(): void
  files(): string[]
  close(): Promise<void>
}
