import type { OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { http } from '../plain-http.ts';
import type { HttpGetAction } from '../pods/schema/handlers.ts';
import { dialError } from './dial-error.ts';
import { type HandlerResult, type ProbeTarget, portNumber } from './probe-target.ts';

const bodyLimit = 10 * 1024;
const redirectLimit = 10;

/**
 * Asks for a page: any status from 200 to 399 is good. Certificates are not checked, and a
 * redirect is followed on the same host only, as stock kubelets have it.
 */
export async function httpProbe(
  action: HttpGetAction,
  target: ProbeTarget,
  userAgent: string,
  signal: AbortSignal,
): Promise<HandlerResult> {
  const port = portNumber(target.spec, action.port);
  if (port === undefined) return { ok: false, output: `no port is named "${action.port}"` };
  const host = action.host ?? target.host;
  const url = urlOf(action, host, port);
  try {
    const page = await follow(url, headersOf(action, userAgent), signal);
    const ok = page.status >= 200 && page.status < 400;
    return { ok, output: ok ? page.body : `HTTP probe failed with statuscode: ${page.status}` };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, output: `Get "${url}": ${dialError(error, host, port)}` };
  }
}

/** Gets the page that redirects on the same host lead to. */
async function follow(url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<Page> {
  let page = await get(url, headers, signal);
  for (let count = 0; page.location !== undefined && count < redirectLimit; count += 1) {
    const next = new URL(page.location, page.url);
    if (next.hostname !== url.hostname) break;
    page = await get(next, headers, signal);
  }
  return page;
}

function urlOf({ scheme, path }: HttpGetAction, host: string, port: number): URL {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new URL(`${scheme.toLowerCase()}://${authority}${path.startsWith('/') ? '' : '/'}${path}`);
}

function headersOf({ httpHeaders }: HttpGetAction, userAgent: string): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { 'User-Agent': userAgent, Accept: '*/*' };
  for (const { name, value } of httpHeaders) headers[name] = value;
  return headers;
}

interface Page {
  readonly url: URL;
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

function get(url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal): Promise<Page> {
  const { promise, resolve, reject } = Promise.withResolvers<Page>();
  const client = url.protocol === 'https:' ? https : http;
  const options = { headers, signal, agent: false, rejectUnauthorized: false } as const;
  const lost = () => reject(new Error('the connection was closed before there was an answer'));
  const request = client.get(url, options, (response) => {
    request.off('close', lost); // it may come before the end of what was answered
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => {
      const { statusCode: status = 0, headers: answered } = response;
      const location = status >= 300 && status < 400 ? answered.location : undefined;
      resolve({ url, status, location, body: Buffer.concat(chunks).toString() });
      request.destroy();
    };
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= bodyLimit) finish();
    });
    response.on('end', finish);
    response.on('error', reject);
    response.on('close', lost);
  });
  request.on('upgrade', ({ statusCode: status = 0 }, socket) => {
    socket.destroy();
    resolve({ url, status, location: undefined, body: '' });
  });
  request.on('error', reject);
  request.on('close', lost);
  return promise;
}
