import { createHmac, timingSafeEqual } from 'node:crypto';
import { isObject } from '../../../kubernetes/is-object.ts';
import type { JoinToken } from './join-token.ts';

/**
 * Whether the signature was made over the content by who knows the token's secret: a JSON Web
 * Signature (RFC 7515) with HS256 whose payload is detached.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing
 */
export function isSignedBy(token: JoinToken, content: string, signature: string): boolean {
  const [header = '', payload, mac = ''] = signature.split('.');
  if (payload !== '' || !isHeaderOf(token, header)) return false;
  const signed = `${header}.${Buffer.from(content).toString('base64url')}`;
  const expected = createHmac('sha256', token.secret).update(signed).digest();
  const actual = Buffer.from(mac, 'base64url');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

function isHeaderOf({ id }: JoinToken, header: string): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    return isObject(value) && value.alg === 'HS256' && value.kid === id;
  } catch {
    // No JSON: no signature of anybody.
    return false;
  }
}
