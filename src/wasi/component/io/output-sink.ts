/**
 * Where a guest's standard output or error goes: a log writer, a descriptor, a test's buffer.
 */
export interface OutputSink {
  /**
   * Takes all the bytes, in order, before it returns. They are a view of guest memory: copy what
   * is kept for later.
   *
   * @returns a WASI error number, 0 for success
   */
  write(bytes: Uint8Array): number;

  /** Whether the guest shall take it for a terminal. @default false */
  readonly terminal?: boolean;
}
