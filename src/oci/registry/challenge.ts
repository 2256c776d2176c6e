/** How a registry wants to be told who is asking. */
export type Challenge =
  | { readonly kind: 'basic' }
  /** https://distribution.github.io/distribution/spec/auth/token/ */
  | {
      readonly kind: 'bearer';
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
      readonly error: string | undefined;
    };

const part = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/**
 * Parses a WWW-Authenticate header, which may hold several challenges.
 * https://www.rfc-editor.org/rfc/rfc9110#field.www-authenticate
 *
 * @returns The best challenge that this client can answer.
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, name = '', quoted, plain] of (header ?? '').slice(0, 8192).matchAll(part)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters;
  const realm = bearer?.get('realm');
  if (realm !== undefined) {
    const [service, scope, error] = ['service', 'scope', 'error'].map((key) => bearer?.get(key));
    return { kind: 'bearer', realm, service, scope, error };
  }
  return challenges.some(({ scheme }) => scheme === 'basic') ? { kind: 'basic' } : undefined;
}
