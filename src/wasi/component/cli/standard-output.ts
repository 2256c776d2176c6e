import { errno, errnoName } from '../../errno.ts';
import { done, error, ok, type Result } from '../abi/variants.ts';
import type { OutputSink } from '../io/output-sink.ts';
import { OutputStream } from '../io/output-stream.ts';
import { alwaysReady } from '../io/readiness.ts';
import { failed, type StreamError } from '../io/stream-error.ts';

/** What one write takes; sinks take everything before they return. */
const permitted = 65536;

/** A guest's standard output or error. */
export class StandardOutput extends OutputStream {
  readonly readiness = alwaysReady;
  readonly flushed = alwaysReady;
  readonly #sink: OutputSink;
  #failure: Error | undefined;

  constructor(sink: OutputSink) {
    super();
    this.#sink = sink;
  }

  checkWrite(): Result<number, StreamError> {
    return this.#failure === undefined ? ok(permitted) : error(failed(this.#failure));
  }

  write(contents: Uint8Array): Result<undefined, StreamError> {
    const status = this.#sink.write(contents);
    if (status === errno.success) return done;
    this.#failure = new Error(`Cannot write: ${errnoName(status)}`);
    return error(failed(this.#failure));
  }

  flush(): Result<undefined, StreamError> {
    return done;
  }
}
