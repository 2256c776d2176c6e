/** Whatever can wait takes a signal, last, and passes it down. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined;
}
