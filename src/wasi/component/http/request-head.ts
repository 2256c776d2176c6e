import type { IncomingMessage } from 'node:http';
import type { RequestHead } from './messages.ts';

/** The head of a request that a server received. */
export function requestHead(request: IncomingMessage): RequestHead {
  return {
    method: request.method ?? 'GET',
    scheme: { kind: 'HTTP' },
    rawHeaders: request.rawHeaders,
    ...targetOf(request),
  };
}

/** RFC 9112, 3.2: in the absolute form the target names the authority, whatever `host` says. */
function targetOf({
  url = '/',
  headers,
}: IncomingMessage): Pick<RequestHead, 'path' | 'authority'> {
  if (url.startsWith('/') || url === '*' || !URL.canParse(url)) {
    return { path: url, authority: headers.host };
  }
  const { host, pathname, search } = new URL(url);
  return { path: `${pathname}${search}`, authority: host };
}
