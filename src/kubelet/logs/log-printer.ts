import { type LogEntry, type LogStream, parseLogEntry } from './log-entry.ts';
import { type LogQuery, wantsStream } from './log-query.ts';

/** Bytes that the guest wrote to one of its streams, one or more lines of them. */
export interface LogChunk {
  readonly stream: LogStream;
  readonly bytes: Uint8Array;
}

const newline = 0x0a;
/** What has no newline for this long is no log: it is dropped rather than kept. */
const longestEntry = 1024 * 1024;

/**
 * Turns blocks of a log file into what the guest wrote, as the query wants it. Partial entries
 * come out as soon as they are read, without a newline, so a prompt is seen and a line of any
 * length needs no memory.
 */
export class LogPrinter {
  readonly #query: LogQuery;
  /** The query's time as the log spells it, without the zone, so that strings compare as times. */
  readonly #since: string | undefined;
  readonly #lineOpen: Record<LogStream, boolean> = { stdout: false, stderr: false };
  #rest: Buffer = Buffer.alloc(0);
  #remaining: number;

  constructor(query: LogQuery) {
    this.#query = query;
    this.#since = query.sinceTime?.toISOString().slice(0, -1);
    this.#remaining = query.limitBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Whether `limitBytes` is used up. */
  get done(): boolean {
    return this.#remaining <= 0;
  }

  /** Takes the next block, which may begin and end within a line; it may be reused afterwards. */
  print(block: Buffer): LogChunk[] {
    const input = this.#rest.length === 0 ? block : Buffer.concat([this.#rest, block]);
    const chunks = new ChunkBuilder(input.length);
    let start = 0;
    for (let end = input.indexOf(newline); end >= 0 && !this.done; ) {
      this.#printEntry(input, start, end, chunks);
      start = end + 1;
      end = input.indexOf(newline, start);
    }
    const tooLong = input.length - start > longestEntry;
    this.#rest = tooLong ? Buffer.alloc(0) : Buffer.from(input.subarray(start));
    return chunks.finish();
  }

  #printEntry(input: Buffer, start: number, end: number, chunks: ChunkBuilder): void {
    const entry = parseLogEntry(input, start, end);
    if (entry === undefined || !wantsStream(this.#query, entry)) return;
    if (this.#isTooOld(input, start, entry)) return;
    if (this.#query.timestamps === true && !this.#lineOpen[entry.stream]) {
      this.#append(chunks, entry.stream, input, start, entry.timestampEnd + 1);
    }
    // A full entry's newline directly follows its content, so both are copied at once.
    this.#append(chunks, entry.stream, input, entry.contentStart, entry.partial ? end : end + 1);
    this.#lineOpen[entry.stream] = entry.partial;
  }

  #isTooOld(input: Buffer, start: number, entry: LogEntry): boolean {
    return (
      this.#since !== undefined && input.toString('latin1', start, entry.timestampEnd) < this.#since
    );
  }

  #append(
    chunks: ChunkBuilder,
    stream: LogStream,
    input: Buffer,
    start: number,
    end: number,
  ): void {
    const length = Math.min(end - start, this.#remaining);
    this.#remaining -= length;
    chunks.append(stream, input, start, start + length);
  }
}

/** Copies pieces into one buffer and cuts it where the stream changes. */
class ChunkBuilder {
  readonly #buffer: Buffer;
  readonly #chunks: LogChunk[] = [];
  #stream: LogStream = 'stdout';
  #start = 0;
  #end = 0;

  /** Output is never longer than the entries it comes from. */
  constructor(capacity: number) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  append(stream: LogStream, source: Buffer, start: number, end: number): void {
    if (stream !== this.#stream) this.#cut();
    this.#stream = stream;
    this.#end += source.copy(this.#buffer, this.#end, start, end);
  }

  finish(): LogChunk[] {
    this.#cut();
    return this.#chunks;
  }

  #cut(): void {
    if (this.#end === this.#start) return;
    this.#chunks.push({
      stream: this.#stream,
      bytes: this.#buffer.subarray(this.#start, this.#end),
    });
    this.#start = this.#end;
  }
}
