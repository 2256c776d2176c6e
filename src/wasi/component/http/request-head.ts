import type { IncomingMessage } from 'node:http';
import type { RequestHead } from './messages.ts';

/** The head of a request that a server received. */
export function requestHead({
  method,
  url = '/',
  headers,
  rawHeaders,
}: IncomingMessage): RequestHead {
  const { path, authority } = isOriginForm(url)
    ? { path: url, authority: headers.host }
    : targetOf(new URL(url));
  return { method: method ?? 'GET', scheme: { kind: 'HTTP' }, rawHeaders, path, authority };
}

/** A path, or what cannot be taken for a whole URL. */
function isOriginForm(url: string): boolean {
  return url.startsWith('/') || url === '*' || !URL.canParse(url);
}

/** RFC 9112, 3.2: in the absolute form the target names the authority, whatever `host` says. */
function targetOf({ host, pathname, search }: URL): Pick<RequestHead, 'path' | 'authority'> {
  return { path: `${pathname}${search}`, authority: host };
}
