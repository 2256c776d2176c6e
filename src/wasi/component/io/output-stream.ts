import { Resource } from '../abi/resource.ts';
import type { Result } from '../abi/variants.ts';
import type { Readiness } from './readiness.ts';
import type { StreamError } from './stream-error.ts';

/** `wasi:io/streams.output-stream`. */
export abstract class OutputStream extends Resource {
  /** Ready when {@link checkWrite} grants more than nothing, or has an error to give. */
  abstract readonly readiness: Readiness;

  /** How many bytes {@link write} takes now. */
  abstract checkWrite(): Result<number, StreamError>;

  /** Takes bytes within what {@link checkWrite} granted; copies what it keeps. */
  abstract write(contents: Uint8Array): Result<undefined, StreamError>;

  /** Asks for everything written so far to go out; {@link flushed} says when it has. */
  abstract flush(): Result<undefined, StreamError>;

  /** Ready when everything that {@link flush} asked for has gone out. */
  abstract readonly flushed: Readiness;
}
