const HEAD_END = '\r\n\r\n'

export interface Part {
  readonly headers: Headers
  readonly body: Buffer
}

/** Takes a multipart response apart whose parts tell their length. */
export class Multipart {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #left = Buffer.alloc(0)

  constructor(response: Response) {
    if (response.body === null) throw new Error('a response without a body')
    this.#reader = response.body.getReader()
  }

  async next(): Promise<Part> {
    while (!this.#left.includes(HEAD_END))
      this.#left = Buffer.concat([this.#left, await this.#more()])
    const start = this.#left.indexOf(HEAD_END) + HEAD_END.length
    const lines = this.#left.toString('latin1', 0, start).split('\r\n')
    const headers = new Headers(
      lines
        .filter((line) => line.includes(': '))
        .map((line) => line.split(': ') as [string, string]),
    )
    const end = start + Number(headers.get('content-length'))
    const chunks = [this.#left]
    for (let length = this.#left.length; length < end;) {
      const chunk = await this.#more()
      length += chunk.length
      chunks.push(chunk)
    }
    const all = Buffer.concat(chunks)
    this.#left = all.subarray(end)
    return { headers, body: all.subarray(start, end) }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel()
  }

  async #more(): Promise<Buffer<ArrayBuffer>> {
    const { value } = await this.#reader.read()
    if (value === undefined) throw new Error('the stream ended')
    return Buffer.from(value)
  }
}
