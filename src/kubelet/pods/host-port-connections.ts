import { readFile } from 'node:fs/promises';

/** Most connections at once, however many files the process may have open. */
const ample = 16_384;

/** What of the files that this process may open the connections may take: each is two sockets. */
const share = 1 / 2;

/**
 * How many connections to the `hostPort`s of a node there may be at once. Anybody in the network
 * can make them, and each takes two of the files that this process may open.
 */
export class HostPortConnections {
  readonly #most: number;
  /** Most of one port's, so that none takes all that others may have. */
  readonly mostOfPort: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
    this.mostOfPort = Math.ceil(most / 2);
  }

  /** As many as this process has files for. */
  static async ofProcess(): Promise<HostPortConnections> {
    const files = await openFilesLimit();
    return new HostPortConnections(Math.min(ample, Math.floor((files * share) / 2)));
  }

  /** One more, until it is disposed of; `undefined` where there are too many. */
  take(): Disposable | undefined {
    if (this.#count >= this.#most) return undefined;
    this.#count += 1;
    return {
      [Symbol.dispose]: () => {
        this.#count -= 1;
      },
    };
  }
}

/** How many files this process may have open; as many as systems have allowed for long where none says. */
async function openFilesLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, soft] = /^Max open files +(\d+|unlimited)/m.exec(limits) ?? [];
  if (soft === 'unlimited') return Number.POSITIVE_INFINITY;
  return soft === undefined ? 1024 : Number(soft);
}
