import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import type { Clock } from '../../../kubernetes/clock.ts';
import type { AbortOptions } from '../../provider.ts';
import type { AccessReviews } from './access-reviews.ts';
import { ExpiringCache } from './expiring-cache.ts';
import { SharedReviews } from './shared-reviews.ts';
import type { User } from './user.ts';

/** How long a valid token is trusted without asking again, in milliseconds. */
const tokenLifetime = 2 * 60_000;

/** How long a token that is not valid is refused without asking again, in milliseconds. */
const refusedLifetime = 10_000;

/** Longest token that is sent on for review, in bytes. */
const maxTokenBytes = 16 * 1024;

/** Finds out who makes a request: by client certificate, else by bearer token; nobody is anonymous. */
export class Authenticator {
  readonly #reviews: AccessReviews;
  readonly #tokens: ExpiringCache<User>;
  /** Apart from the others, which a flood of these must not push out. */
  readonly #refused: ExpiringCache<true>;
  readonly #shared = new SharedReviews<User | undefined>();

  constructor(components: { readonly reviews: AccessReviews; readonly clock: Clock }) {
    this.#reviews = components.reviews;
    this.#tokens = new ExpiringCache({ clock: components.clock });
    this.#refused = new ExpiringCache({ clock: components.clock });
  }

  /**
   * The request's user; `undefined` where it carries nothing that proves one.
   *
   * @throws where the API server could not be asked, or is asked too much already: the request must
   * then be refused
   */
  async authenticate(
    request: IncomingMessage,
    options: AbortOptions = {},
  ): Promise<User | undefined> {
    const fromCertificate = certificateUser(request);
    if (fromCertificate !== undefined) return fromCertificate;
    const token = bearerToken(request.headers.authorization);
    return token === undefined ? undefined : await this.#tokenUser(token, options);
  }

  async #tokenUser(token: string, options: AbortOptions): Promise<User | undefined> {
    // Hashed, so that what is remembered is nothing worth stealing.
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    if (this.#refused.get(key)) return undefined;
    return await this.#shared.ask(key, (shared) => this.#review(token, key, shared), options);
  }

  async #review(token: string, key: string, options: AbortOptions): Promise<User | undefined> {
    const user = await this.#reviews.reviewToken(token, options);
    if (user === undefined) this.#refused.set(key, true, refusedLifetime);
    else this.#tokens.set(key, user, tokenLifetime);
    return user;
  }
}

/**
 * A certificate proves a user where the server's client CA signed it. One with several common names
 * proves nobody: programs differ in which of them they read, the API server takes the last.
 */
function certificateUser(request: IncomingMessage): User | undefined {
  const { socket } = request;
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  const [name, ...others] = asList(subject?.CN);
  if (name === undefined || others.length > 0) return undefined;
  return { name, groups: asList(subject?.O) };
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined || value === '') return [];
  return typeof value === 'string' ? [value] : value;
}

function bearerToken(header: string | undefined): string | undefined {
  const token = /^bearer +(\S+)$/i.exec(header ?? '')?.[1];
  return token !== undefined && token.length <= maxTokenBytes ? token : undefined;
}
