/** What a program is told of a request, apart from its body. */
export interface CgiRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
  /** Fields by their names in lower case, those of one name joined. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Bytes of the body; undefined without one. */
  readonly contentLength: number | undefined;
  readonly remoteAddress: string;
  readonly localPort: number;
}

/** Fields that have variables of their own, or are the server's, or would pass for settings. */
const withheld = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'keep-alive',
  'proxy',
  'proxy-authorization',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The variables of a request by RFC 3875, and those that WAGI adds to them.
 *
 * `Proxy` never becomes HTTP_PROXY, which programs take for a setting, and a name with an underscore
 * never passes for one with a hyphen.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3875#section-4.1
 * @throws {URIError} where the path holds no text
 */
export function requestVariables(request: CgiRequest): ReadonlyMap<string, string> {
  const { method, target, protocol, headers, contentLength, remoteAddress, localPort } = request;
  const [path = '', query = ''] = splitAt(target, '?');
  const host = textOf(headers.host) ?? `localhost:${localPort}`;
  return new Map([
    ...fieldVariables(headers),
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['SERVER_SOFTWARE', 'krustlet'],
    ['SERVER_PROTOCOL', protocol],
    ['SERVER_NAME', host.replace(/:\d*$/, '')],
    ['SERVER_PORT', String(localPort)],
    ['REQUEST_METHOD', method],
    ['SCRIPT_NAME', ''],
    ['PATH_INFO', decoded(path)],
    ['QUERY_STRING', query],
    ['REMOTE_ADDR', remoteAddress],
    ['REMOTE_HOST', remoteAddress],
    ['X_FULL_URL', `http://${host}${target}`],
    ['X_RAW_PATH_INFO', path],
    ['X_MATCHED_ROUTE', '/...'],
    ...bodyVariables(textOf(headers['content-type']), contentLength),
  ]);
}

function fieldVariables(headers: CgiRequest['headers']): readonly (readonly [string, string])[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const text = textOf(value);
    if (text === undefined || withheld.has(name) || name.includes('_')) return [];
    return [[`HTTP_${name.replaceAll('-', '_').toUpperCase()}`, text] as const];
  });
}

function bodyVariables(type: string | undefined, length: number | undefined) {
  return [
    ...(type === undefined ? [] : [['CONTENT_TYPE', type] as const]),
    ...(length === undefined ? [] : [['CONTENT_LENGTH', String(length)] as const]),
  ];
}

function decoded(path: string): string {
  const text = decodeURIComponent(path);
  if (text.includes('\0')) throw new URIError('Cannot decode the path: it has a zero byte');
  return text;
}

function splitAt(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}
