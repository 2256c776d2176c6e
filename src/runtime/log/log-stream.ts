import type { Sink } from '../../wasi/preview1/sink.ts';
import type { LogFile } from './log-file.ts';
import { type LogStreamName, type LogTail, logStreamNames, maxContent } from './log-tail.ts';
import { type LogTimestamp, timestampLength } from './log-timestamp.ts';

const newline = 0x0a;
const full = 0x46; // F
const partial = 0x50; // P

/** The most that one entry takes: its content, and what stands before and after it. */
export const maxEntry = maxContent + 64;

export interface LogStreamComponents {
  readonly file: LogFile;
  readonly tail: LogTail;
  /** This stream's own. */
  readonly timestamp: LogTimestamp;
}

/**
 * One stream of a container's log in the CRI format: every line becomes an entry,
 * `<time> stdout F <line>`; a line longer than {@link maxContent} becomes several, tagged `P` but
 * for the last. What does not end in a newline waits for the rest of its line.
 *
 * https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 */
export class LogStream implements Sink {
  /** A terminal's unfinished lines, such as a prompt, are written at once, as partial entries. */
  terminal = false;
  readonly #file: LogFile;
  readonly #timestamp: LogTimestamp;
  readonly #prefix: Buffer;
  readonly #tagAt: number;
  readonly #tail: LogTail;
  readonly #name: LogStreamName;
  #pendingLength = 0;
  #failure = 0;

  constructor(name: LogStreamName, components: LogStreamComponents) {
    this.#name = name;
    this.#tail = components.tail;
    this.#file = components.file;
    this.#timestamp = components.timestamp;
    this.#prefix = Buffer.from(`${' '.repeat(timestampLength)} ${name} F `);
    this.#tagAt = this.#prefix.length - 2;
  }

  write(bytes: Uint8Array): number {
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#timestamp.write(this.#prefix);
    let start = 0;
    for (;;) {
      const end = content.indexOf(newline, start);
      if (end < 0) break;
      this.#end(content, start, end);
      start = end + 1;
    }
    if (this.terminal && start < content.length) this.#show(content, start);
    else this.#keep(content, start, content.length);
    return this.#finish();
  }

  /** Writes what waits for the rest of its line: there will be none. */
  end(): number {
    if (this.#pendingLength === 0) return 0;
    this.#timestamp.write(this.#prefix);
    this.#entry(full, this.#pending, 0, 0);
    return this.#finish();
  }

  #finish(): number {
    const failure = this.#failure || this.#file.flush();
    this.#failure = 0;
    return failure;
  }

  /** The last part of a line. */
  #end(content: Buffer, start: number, end: number): void {
    this.#entry(full, content, this.#cut(content, start, end), end);
  }

  /** A part of a line that somebody is waiting to see. */
  #show(content: Buffer, start: number): void {
    this.#entry(partial, content, this.#cut(content, start, content.length), content.length);
  }

  /** A part of a line whose rest is to come. */
  #keep(content: Buffer, start: number, end: number): void {
    const from = this.#cut(content, start, end);
    if (from === end) return;
    content.copy(this.#pending, this.#pendingLength, from, end);
    this.#setPending(this.#pendingLength + end - from);
  }

  /** Writes partial entries until the rest of the part fits into one; returns where that starts. */
  #cut(content: Buffer, start: number, end: number): number {
    let from = start;
    while (this.#pendingLength + end - from > maxContent) {
      const to = from + maxContent - this.#pendingLength;
      this.#entry(partial, content, from, to);
      from = to;
    }
    return from;
  }

  get #pending(): Buffer {
    return this.#tail.parts.contents[this.#name];
  }

  #setPending(length: number): void {
    this.#pendingLength = length;
    this.#tail.parts.lengths[logStreamNames.indexOf(this.#name)] = length;
  }

  #entry(tag: number, content: Buffer, start: number, end: number): void {
    const file = this.#file;
    if (file.room < maxEntry) this.#failure ||= file.flush();
    const { batch } = file;
    let at = file.used;
    this.#prefix[this.#tagAt] = tag;
    at += this.#prefix.copy(batch, at);
    if (this.#pendingLength > 0) {
      at += this.#pending.copy(batch, at, 0, this.#pendingLength);
      this.#setPending(0);
    }
    if (end > start) at += content.copy(batch, at, start, end);
    batch[at] = newline;
    file.used = at + 1;
  }
}
