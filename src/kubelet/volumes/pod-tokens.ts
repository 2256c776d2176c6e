import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { ObjectReader, TokenRequest } from '../object-reader.ts';
import type { Pod } from '../pods/schema/pod.ts';

/** A token is renewed when this part of its life is over, or after a day. */
const renewAfter = 0.8;
const longestLife = 24 * 60 * 60 * 1000;

/** A token, and when another one has to be asked for, in milliseconds since the epoch. */
export interface PodToken {
  readonly token: string;
  readonly issuedAt: number;
  readonly renewAt: number;
}

/** The ServiceAccount tokens of one pod: each is issued once, and again when its time comes. */
export class PodTokens {
  readonly #components: { readonly objects: ObjectReader; readonly clock: Clock };
  readonly #issued = new Map<string, PodToken>();
  readonly #asked = new Map<string, Promise<PodToken>>();

  constructor(components: { readonly objects: ObjectReader; readonly clock: Clock }) {
    this.#components = components;
  }

  /**
   * Asks for a token that will be needed soon. Where that fails, whoever gets it asks again, and
   * hears why.
   */
  async prepare(pod: Pod, request: TokenRequest, options: AbortOptions = {}): Promise<void> {
    await this.get(pod, request, options).catch(() => undefined);
  }

  /** @throws where there is nobody to issue one */
  async get(pod: Pod, request: TokenRequest, options: AbortOptions = {}): Promise<PodToken> {
    const key = JSON.stringify([request.audience, request.expirationSeconds]);
    const issued = this.#issued.get(key);
    const now = this.#components.clock.now();
    // A clock that was set back does not say any more how old the token is.
    const isFresh = issued !== undefined && issued.issuedAt <= now && now < issued.renewAt;
    if (isFresh) return issued;
    const asked = this.#asked.get(key) ?? this.#ask(pod, request, options);
    this.#asked.set(key, asked);
    try {
      const token = await asked;
      this.#issued.set(key, token);
      return token;
    } finally {
      this.#asked.delete(key);
    }
  }

  async #ask(pod: Pod, request: TokenRequest, options: AbortOptions): Promise<PodToken> {
    const { objects, clock } = this.#components;
    const now = clock.now();
    const { token, lifeSeconds } = await objects.serviceAccountToken(pod, request, options);
    const life = Math.min(lifeSeconds * 1000 * renewAfter, longestLife);
    return { token, issuedAt: now, renewAt: now + life };
  }
}
