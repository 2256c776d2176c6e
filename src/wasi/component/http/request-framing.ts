import type { IncomingMessage } from 'node:http';

/**
 * Whether Node's parser may have dropped a request that came together with this one, which asks for another
 * protocol: its client learns from the end of the connection that there will be no answer. Those who ask for
 * HTTP/2 wait for the answer, and ask again and again over one connection.
 */
export function mayBeFollowed({ headers: { upgrade } }: IncomingMessage): boolean {
  return upgrade !== undefined && upgrade.toLowerCase() !== 'h2c';
}

/** A name or an address, and maybe a port; empty where there is no authority. */
const host = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

/**
 * Whether a request names several hosts or what is none, or says more than once how its body is sent: which it is, others on
 * its way may think otherwise.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-3.2
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.1
 */
export function isAmbiguous({ headers, rawHeaders }: IncomingMessage): boolean {
  if (headers.host !== undefined && !host.test(headers.host)) return true;
  let hosts = 0;
  let encodings = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const { length } = rawHeaders[index] ?? '';
    if (length !== 'host'.length && length !== 'transfer-encoding'.length) continue;
    const name = rawHeaders[index]?.toLowerCase();
    if (name === 'host') hosts += 1;
    if (name === 'transfer-encoding') encodings += 1;
  }
  return hosts > 1 || encodings > 1;
}
