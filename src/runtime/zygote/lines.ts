import type { Readable } from 'node:stream';

const maxLength = 64 * 1024;

/** The lines of a stream, one after the other, whenever somebody asks for the next. */
export class Lines {
  readonly #stream: Readable;
  #text = '';
  #ended = false;
  #wake: () => void = () => {};

  constructor(stream: Readable) {
    this.#stream = stream.setEncoding('utf8');
    const end = () => {
      this.#ended = true;
      this.#wake();
    };
    stream
      .on('data', (chunk: string) => this.#take(chunk))
      .on('end', end)
      .on('close', end)
      .on('error', end);
  }

  /** The next line, without its end; `undefined` where the stream ends, or fails, before that. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #take(chunk: string): void {
    this.#text += chunk;
    if (this.#text.length > maxLength)
      this.#stream.destroy(new Error('Cannot read lines: too long'));
    this.#wake();
  }
}
