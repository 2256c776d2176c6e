import { Resource } from '../abi/resource.ts';

/** `wasi:io/error.error`: why a stream failed. What lies behind it, other interfaces may ask. */
export class IoError extends Resource {
  readonly cause: unknown;

  constructor(cause: unknown) {
    super();
    this.cause = cause;
  }

  describe(): string {
    return this.cause instanceof Error ? this.cause.message : String(this.cause);
  }
}
