import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HttpError } from '../http/http-error.ts';
import type { Route } from '../http/router.ts';

/** `/logs/`: the node's log directory, read-only; no path leads out of it. */
export function nodeLogs(directory: string): Route {
  return {
    path: '/logs/*path',
    methods: ['GET'],
    handle: async ({ params, signal }, response) => {
      const target = await resolveBelow(directory, params.path ?? '');
      const entry = await stat(target);
      if (entry.isDirectory()) await sendListing(target, response);
      else if (entry.isFile()) await sendFile(target, response, signal);
      else throw notFound(params.path ?? '');
    },
  };
}

/** @throws {HttpError} NotFound also for what lies outside, so that nothing is told about it */
async function resolveBelow(directory: string, relative: string): Promise<string> {
  if (relative.includes('\0')) throw notFound(relative);
  const root = await realpath(directory).catch(() => undefined);
  if (root === undefined) throw notFound(relative);
  const target = await realpath(path.join(root, relative)).catch(() => undefined);
  if (target === root || target?.startsWith(root + path.sep)) return target;
  throw notFound(relative);
}

async function sendListing(directory: string, response: ServerResponse): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  const links = names
    .sort()
    .map((name) => `<a href="${encodeURI(name)}">${escapeHtml(name)}</a>\n`);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<pre>\n${links.join('')}</pre>\n`);
}

async function sendFile(file: string, response: ServerResponse, signal: AbortSignal) {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  await pipeline(createReadStream(file), response, { signal });
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function notFound(relative: string): HttpError {
  return new HttpError('NotFound', `open log: no file '${relative}'`);
}
