/** How often it is looked whether requests have come, in milliseconds. */
const lookInterval = 5_000;
/** Requests between two looks that are no load: probes, mostly. */
const mostOfQuiet = 10;
/** So many looks in a row that find no load. */
const quietLooks = 3;

/** Tells when a server has been left alone for a while after it was busy. */
export class QuietWatch {
  readonly #onQuiet: () => void;
  #requests = 0;
  #isKeptBusy = false;
  #quietLooks = 0;
  #wasBusy = false;
  #timer: NodeJS.Timeout | undefined;

  /** @param onQuiet called once for each time that the server was busy */
  constructor(onQuiet: () => void) {
    this.#onQuiet = onQuiet;
  }

  /** To be called for each request, or for so many of them. A server that gets none does not wake up. */
  note(count = 1): void {
    this.#requests += count;
    this.#timer ??= setInterval(() => this.#look(), lookInterval).unref();
  }

  /** To be called again and again while something is left of a load. */
  keepBusy(): void {
    this.#isKeptBusy = true;
  }

  #look(): void {
    const isQuiet = !this.#isKeptBusy && this.#requests <= mostOfQuiet;
    this.#quietLooks = isQuiet ? this.#quietLooks + 1 : 0;
    this.#wasBusy ||= !isQuiet;
    if (this.#quietLooks >= quietLooks) {
      if (this.#wasBusy) this.#onQuiet();
      this.#wasBusy = false;
      if (this.#requests === 0) this.#stop();
    }
    this.#requests = 0;
    this.#isKeptBusy = false;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
