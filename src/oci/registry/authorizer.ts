import type { AbortOptions } from '../abort-options.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Credential } from '../credentials/credential.ts';
import type { HttpClient, HttpRequest, SendOptions } from '../http/http-client.ts';
import type { HttpResponse } from '../http/response.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import { basicAuthorization, fetchToken } from './token-server.ts';

/** On whose behalf and for what a request is sent. */
export interface Access {
  /** Absent to ask anonymously. */
  readonly credential: Credential | undefined;
  /** What a token is asked for, such as `repository:library/hello:pull`. */
  readonly scope: string;
}

interface CachedToken {
  readonly value: string;
  readonly expiresAt: number;
}

/** A token is not used in its last moments, in which it might expire on its way. */
const leewayMs = 10_000;

/**
 * Sends requests with the authorization that each registry wants. What a registry asked for, and
 * the tokens it gave, are remembered, so that a pull asks for one token.
 */
export class Authorizer {
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #challenges = new Map<string, Challenge>();
  readonly #tokens = new Map<string, CachedToken>();

  constructor({ http }: { http: HttpClient }, { clock = systemClock }: { clock?: Clock } = {}) {
    this.#http = http;
    this.#clock = clock;
  }

  /**
   * Sends a request, and once more with what the registry asks for.
   *
   * @returns The answer, which is a 401 where the registry refuses what it was given.
   */
  async send(request: HttpRequest, access: Access, options: SendOptions): Promise<HttpResponse> {
    const { origin } = request.url;
    const known = this.#challenges.get(origin);
    const first = known && (await this.#authorization(known, access, origin, options));
    const response = await this.#http.send(withAuthorization(request, first), options);
    // An Authorization is dropped on the way to another host: that host's refusal is final.
    if (response.status !== 401 || response.url.origin !== origin) return response;

    const challenge = parseChallenge(response.header('www-authenticate'));
    if (challenge === undefined) return response;
    this.#challenges.set(origin, challenge);
    this.#tokens.delete(tokenKey(origin, access));
    const second = await this.#authorization(challenge, access, origin, options);
    if (second === undefined || second === first) return response;
    await response[Symbol.asyncDispose]();
    return await this.#http.send(withAuthorization(request, second), options);
  }

  /** Sends a request that tells nobody who is asking. */
  async sendAnonymously(request: HttpRequest, options: SendOptions): Promise<HttpResponse> {
    return await this.#http.send(request, options);
  }

  async #authorization(
    challenge: Challenge,
    access: Access,
    origin: string,
    options: AbortOptions,
  ): Promise<string | undefined> {
    const { credential } = access;
    if (credential?.kind === 'registry-token') return `Bearer ${credential.token}`;
    switch (challenge.kind) {
      case 'basic':
        return credential?.kind === 'password' ? basicAuthorization(credential) : undefined;
      case 'bearer':
        return `Bearer ${await this.#token(challenge, access, origin, options)}`;
      default:
        return challenge satisfies never;
    }
  }

  async #token(
    challenge: Extract<Challenge, { kind: 'bearer' }>,
    access: Access,
    origin: string,
    options: AbortOptions,
  ): Promise<string> {
    const key = tokenKey(origin, access);
    const cached = this.#tokens.get(key);
    const now = this.#clock.now();
    if (cached !== undefined && cached.expiresAt > now) return cached.value;
    this.#forgetExpired(now);
    const request = { ...access, registry: new URL(origin).host };
    const { value, seconds } = await fetchToken(this.#http, challenge, request, options);
    this.#tokens.set(key, { value, expiresAt: now + seconds * 1000 - leewayMs });
    return value;
  }

  #forgetExpired(now: number): void {
    for (const [key, { expiresAt }] of this.#tokens) {
      if (expiresAt <= now) this.#tokens.delete(key);
    }
  }
}

function withAuthorization(request: HttpRequest, authorization: string | undefined): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, authorization } };
}

function tokenKey(origin: string, { credential, scope }: Access): string {
  return JSON.stringify([origin, scope, credential]);
}
