/** Fields as clients and proxies send them; of some of them, the letters that HTTP/2 prescribes. */
const fields = [
  'User-Agent: rehearsal/1',
  'Accept: */*',
  'accept-language: *',
  'Accept-Encoding: gzip, deflate, br',
  'connection: keep-alive',
  'Cookie: a=b',
  'X-Forwarded-For: ::1',
  'x-forwarded-proto: https',
  'X-Request-Id: 1',
  'Authorization: Basic Og==',
  'Cache-Control: no-cache',
  'Origin: http://localhost',
  'sec-fetch-mode: cors',
  'Referer: http://localhost/',
  'If-None-Match: "a"',
  'traceparent: 00-0-0-00',
];

interface Body {
  readonly method: string;
  readonly head: readonly string[];
  readonly body: string;
}

const noBody: Body = { method: 'GET', head: [], body: '' };
const json = 'Content-Type: application/json';
const wholeBody: Body = { method: 'POST', head: [json, 'Content-Length: 2'], body: '{}' };
const chunkedBody: Body = {
  method: 'POST',
  head: [json, 'Transfer-Encoding: chunked'],
  body: '2\r\n{}\r\n0\r\n\r\n',
};
const bodies = [noBody, noBody, noBody, wholeBody, noBody, chunkedBody];

/** More than V8 tells from each other at one place: it is prepared for others then. */
const kinds = 12;

/**
 * Requests that differ in what an object of Node's is made of: their fields and how those are written, and
 * whether there is a body, which comes as a whole or in chunks.
 */
export const rehearsalRequests: readonly Buffer[] = Array.from({ length: kinds }, (_, kind) => {
  const own = fields.slice(0, kind * 2).filter((_, index) => (index + kind) % 3 !== 0);
  const host = kind % 2 === 0 ? 'Host: localhost' : 'host: localhost:80';
  const { method, head, body } = bodies[kind % bodies.length] ?? noBody;
  const lines = [`${method} /${'a'.repeat(kind)}?b=c HTTP/1.1`, host, ...own, ...head];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
});

/** What a guest computes for longer for than others wait. */
export const longPath = '/long';
export const longRequest = Buffer.from(`GET ${longPath} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
