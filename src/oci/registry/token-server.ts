import * as v from 'valibot';
import type { AbortOptions } from '../abort-options.ts';
import { parseJson } from '../content/parse-json.ts';
import type { Credential } from '../credentials/credential.ts';
import { OciError } from '../errors.ts';
import type { HttpClient, HttpRequest } from '../http/http-client.ts';
import { readBody } from '../http/response.ts';
import { retry } from '../http/retry.ts';
import type { Challenge } from './challenge.ts';

/** An access token and how many seconds it is good for. */
export interface Token {
  readonly value: string;
  readonly seconds: number;
}

interface TokenRequest {
  readonly registry: string;
  readonly scope: string;
  readonly credential: Credential | undefined;
}

type BearerChallenge = Extract<Challenge, { kind: 'bearer' }>;

const maxAnswerBytes = 1_048_576;
/** What the protocol says of tokens that do not say how long they live. */
const defaultSeconds = 60;

const answerSchema = v.object({
  token: v.optional(v.string()),
  access_token: v.optional(v.string()),
  expires_in: v.optional(v.nullable(v.number())),
});

/**
 * Gets an access token from the server that a registry named in its challenge.
 *
 * @param registry The host that the challenge is from.
 * @param credential Absent to ask anonymously.
 * @throws OciError `Unauthorized` when the server refuses.
 */
export async function fetchToken(
  http: HttpClient,
  challenge: BearerChallenge,
  { registry, scope, credential }: TokenRequest,
  options: AbortOptions = {},
): Promise<Token> {
  const realm = parseRealm(challenge.realm);
  const what = `the token for '${scope}' from ${realm.host}`;
  const request =
    credential?.kind === 'identity-token'
      ? exchangeRequest(realm, challenge.service, scope, credential.token)
      : tokenRequest(realm, challenge.service, scope, credential);
  return await retry(
    () => requestToken(http, { ...request, registry }, what, options),
    { attempts: 2 },
    options,
  );
}

async function requestToken(
  http: HttpClient,
  request: HttpRequest,
  what: string,
  options: AbortOptions,
): Promise<Token> {
  await using response = await http.send(request, options);
  if (response.status >= 400 && response.status < 500) {
    throw new OciError('Unauthorized', `get ${what}: it refuses with ${response.status}`);
  }
  if (response.status !== 200) {
    throw new OciError('InvalidResponse', `get ${what}: it answered ${response.status}`);
  }
  const bytes = await readBody(response, maxAnswerBytes, what);
  return parseToken(parseJson(bytes, what, response.header('content-type')), what);
}

function parseRealm(realm: string): URL {
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw new OciError('InvalidResponse', `get a token: realm '${realm}' is not an HTTP URL`);
}

function tokenRequest(
  realm: URL,
  service: string | undefined,
  scope: string,
  credential: Credential | undefined,
): HttpRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.append('scope', scope);
  if (credential?.kind !== 'password') return { method: 'GET', url };
  url.searchParams.set('account', credential.username);
  return { method: 'GET', url, headers: { authorization: basicAuthorization(credential) } };
}

/** https://distribution.github.io/distribution/spec/auth/oauth/ */
function exchangeRequest(
  url: URL,
  service: string | undefined,
  scope: string,
  token: string,
): HttpRequest {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'krustlet',
    refresh_token: token,
    scope,
    ...(service !== undefined && { service }),
  });
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: () => Buffer.from(form.toString()),
  };
}

function parseToken(json: unknown, what: string): Token {
  const result = v.safeParse(answerSchema, json);
  const value = result.success ? (result.output.token ?? result.output.access_token) : undefined;
  if (!result.success || value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw new OciError('InvalidResponse', `read ${what}: the answer has no usable token`);
  }
  return { value, seconds: Math.max(result.output.expires_in ?? 0, defaultSeconds) };
}

/** The Authorization header of a name and a password. */
export function basicAuthorization(credential: Extract<Credential, { kind: 'password' }>): string {
  const { username, password } = credential;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
