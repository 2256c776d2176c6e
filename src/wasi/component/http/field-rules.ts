/** RFC 9110, 5.6.2: a token. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 9110, 5.5: visible characters, spaces, tabs and the bytes above; no control characters. */
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * RFC 9110, 8.6: one length, in digits. Who reads another than somebody else takes the rest of a body for a message.
 */
const length = /^\d{1,19}$/;

/**
 * Fields that say where a message ends, or what is done with it before it has: after its end they would
 * mislead those who put trailers among the other fields.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-6.5.1
 */
const onlyBefore = new Set([
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'expect',
  'max-forwards',
  'set-cookie',
  'te',
  'trailer',
  'www-authenticate',
]);

/** Fields that belong to one connection, which is the host's. The same as wasmtime's. */
const forbidden = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

export function isFieldName(name: string): boolean {
  return token.test(name);
}

/** Whether a value, as Latin-1, can be sent: a line break in it would smuggle in another field. */
export function isFieldValue(text: string): boolean {
  return value.test(text);
}

/** Whether a field that has `present` values can have `added` ones besides. */
export function canHave(
  lowerCaseName: string,
  added: readonly string[],
  present: readonly string[] = [],
): boolean {
  if (lowerCaseName !== 'content-length') return added.every(isFieldValue);
  return added.length + present.length <= 1 && added.every((text) => length.test(text));
}

/** Whether a field can be a trailer. */
export function isTrailer(name: string): boolean {
  return !onlyBefore.has(name.toLowerCase());
}

export function isForbiddenField(lowerCaseName: string): boolean {
  return forbidden.has(lowerCaseName);
}
