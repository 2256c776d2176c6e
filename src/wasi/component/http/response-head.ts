import type { ServerResponse } from 'node:http';
import type { OutgoingResponse } from './messages.ts';

/** RFC 9110, 8.6: some statuses have no length, and a guest may have given one itself. */
export function wantsLength({ status, fields }: OutgoingResponse): boolean {
  if (status === 204 || status === 304) return false;
  return fields.get('content-length').length === 0;
}

/**
 * Whether what is not sent whole is sent in chunks, the last of which trailers come with.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-7.1.2
 */
export function isChunked({ req }: ServerResponse, head: OutgoingResponse): boolean {
  return req.method !== 'HEAD' && req.httpVersion === '1.1' && wantsLength(head);
}

/** The fields as Node takes them, names and values by turns. */
export function headersOf({ fields }: OutgoingResponse): string[] {
  const headers: string[] = [];
  for (const { name, value } of fields.entries) headers.push(name, value);
  return headers;
}

/** As {@link headersOf}, without what says which trailers follow: none, or others than the guest said. */
export function headersWithoutTrailer({ fields }: OutgoingResponse): string[] {
  const headers: string[] = [];
  for (const { name, value } of fields.entries) {
    if (name.length !== 7 || name.toLowerCase() !== 'trailer') headers.push(name, value);
  }
  return headers;
}
