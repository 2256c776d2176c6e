const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Counts the signals that ask to end, Ctrl-C among them, instead of ending at the first. */
export class StopSignals implements Disposable {
  readonly #listener: () => void;

  /** @param onStop is told which attempt it is, from 1 */
  constructor(onStop: (attempt: number) => void) {
    let attempts = 0;
    this.#listener = () => {
      attempts += 1;
      onStop(attempts);
    };
    for (const signal of signals) process.on(signal, this.#listener);
  }

  [Symbol.dispose](): void {
    for (const signal of signals) process.off(signal, this.#listener);
  }
}
