/**
 * Where a guest's output goes that no descriptor takes: a log writer, a test's buffer. It is put
 * in place of a descriptor number in `Preview1Init.stdio`.
 *
 * Plain descriptors are faster: the kernel then reads guest memory itself.
 */
export interface Sink {
  /**
   * Takes all the bytes, in the order of the guest's writes, before it returns. They are a view of
   * guest memory: what is kept for later has to be copied. Does not throw.
   *
   * @returns an error number, 0 for success
   */
  write(bytes: Uint8Array): number;

  /** Whether the guest shall take it for a terminal. @default false */
  readonly terminal?: boolean;
}
