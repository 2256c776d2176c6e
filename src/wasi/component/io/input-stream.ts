import { Resource } from '../abi/resource.ts';
import type { Result } from '../abi/variants.ts';
import type { Readiness } from './readiness.ts';
import type { StreamError } from './stream-error.ts';

/** `wasi:io/streams.input-stream`. */
export abstract class InputStream extends Resource {
  /** Ready when {@link read} has bytes, the end or an error to give. */
  abstract readonly readiness: Readiness;

  /** What is there now, at most `length` bytes and maybe none; the end is an error, `closed`. */
  abstract read(length: number): Result<Uint8Array, StreamError>;
}
