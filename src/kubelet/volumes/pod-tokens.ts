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

  constructor(components: { readonly objects: ObjectReader; readonly clock: Clock }) {
    this.#components = components;
  }

  /** @throws where there is nobody to issue one */
  async get(pod: Pod, request: TokenRequest, options: AbortOptions = {}): Promise<PodToken> {
    const { objects, clock } = this.#components;
    const key = JSON.stringify([request.audience, request.expirationSeconds]);
    const issued = this.#issued.get(key);
    const now = clock.now();
    // A clock that was set back does not say any more how old the token is.
    const isFresh = issued !== undefined && issued.issuedAt <= now && now < issued.renewAt;
    if (isFresh) return issued;
    const { token, lifeSeconds } = await objects.serviceAccountToken(pod, request, options);
    const life = Math.min(lifeSeconds * 1000 * renewAfter, longestLife);
    const fresh = { token, issuedAt: now, renewAt: now + life };
    this.#issued.set(key, fresh);
    return fresh;
  }
}
