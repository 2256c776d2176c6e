import type { Endpoint } from '../system/network-sockets.ts';

/** How many Services are remembered. */
const mostRemembered = 1024;
const nanosecondsPerSecond = 1_000_000_000n;

interface Choice {
  readonly endpoint: Endpoint;
  readonly until: bigint;
}

/**
 * Session affinity of one client: it stays with an endpoint until it has not asked for so long. What
 * it begins with follows from its address alone, so that all containers of a pod begin alike.
 */
export class StickyChoices {
  readonly #client: string;
  readonly #choices = new Map<string, Choice>();

  constructor({ client }: { readonly client: string }) {
    this.#client = client;
  }

  /** @param init.now nanoseconds on a clock that only goes forward */
  choose(
    service: Endpoint,
    endpoints: readonly Endpoint[],
    { stickySeconds, now }: { readonly stickySeconds: number; readonly now: bigint },
  ): Endpoint | 'none' {
    const key = textOf(service);
    const last = this.#choices.get(key);
    const isLasting = last !== undefined && last.until > now;
    const known = isLasting && endpoints.find((it) => textOf(it) === textOf(last.endpoint));
    const endpoint = known || this.#highest(endpoints);
    if (endpoint === undefined) return 'none';
    const until = now + BigInt(stickySeconds) * nanosecondsPerSecond;
    this.#remember(key, { endpoint, until });
    return endpoint;
  }

  /** Rendezvous hashing: where endpoints come and go, few clients change theirs. */
  #highest(endpoints: readonly Endpoint[]): Endpoint | undefined {
    const ranked = endpoints.map((endpoint) => ({
      endpoint,
      rank: hashOf(`${this.#client} ${textOf(endpoint)}`),
    }));
    return ranked.toSorted((left, right) => right.rank - left.rank)[0]?.endpoint;
  }

  #remember(key: string, choice: Choice): void {
    this.#choices.delete(key);
    this.#choices.set(key, choice);
    if (this.#choices.size <= mostRemembered) return;
    const [oldest] = this.#choices.keys();
    if (oldest !== undefined) this.#choices.delete(oldest);
  }
}

function textOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** FNV-1a, its bits mixed once more: addresses differ in their last characters. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
