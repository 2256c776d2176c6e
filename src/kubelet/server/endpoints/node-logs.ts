import { constants } from 'node:fs';
import { type FileHandle, open, opendir, readlink, realpath } from 'node:fs/promises';
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
      await using file = await openBelow(directory, params.path ?? '');
      const entry = await file.stat();
      response.setHeader('x-content-type-options', 'nosniff');
      if (entry.isDirectory()) await sendListing(pathOf(file), response);
      else if (entry.isFile()) await sendFile(file, response, signal);
      else throw notFound(params.path ?? '');
    },
  };
}

const { O_RDONLY, O_NONBLOCK, O_NOCTTY } = constants;

/** Names of a directory that are shown; which of more, is left to the file system. */
const longestListing = 10_000;

/**
 * Opens first and looks then at where it is: a link that is changed meanwhile leads nowhere else.
 *
 * @throws {HttpError} NotFound also for what lies outside, so that nothing is told about it
 */
async function openBelow(directory: string, relative: string): Promise<FileHandle> {
  const root = await realpath(directory).catch(() => undefined);
  if (root === undefined || relative.includes('\0')) throw notFound(relative);
  const name = path.join('/', relative); // `..` at the root leads nowhere
  const flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  const file = await open(path.join(root, name), flags).catch(() => undefined);
  if (file === undefined) throw notFound(relative);
  const target = await readlink(pathOf(file));
  if (target === root || target.startsWith(root + path.sep)) return file;
  await file.close();
  throw notFound(relative);
}

function pathOf({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}`;
}

async function sendListing(directory: string, response: ServerResponse): Promise<void> {
  const names: string[] = [];
  // Containers write here: no more is held than a reader wants to see.
  for await (const entry of await opendir(directory)) {
    if (names.length === longestListing) break;
    names.push(entry.isDirectory() ? `${entry.name}/` : entry.name);
  }
  const links = names.sort().map((name) => `<a href="${hrefOf(name)}">${escapeHtml(name)}</a>\n`);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(`<pre>\n${links.join('')}</pre>\n`);
}

async function sendFile(file: FileHandle, response: ServerResponse, signal: AbortSignal) {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  await pipeline(file.createReadStream({ autoClose: false }), response, { signal });
}

/** Never the scheme of a URL, whatever the name. */
function hrefOf(name: string): string {
  return `./${encodeURIComponent(name).replace(/%2F$/, '/')}`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function notFound(relative: string): HttpError {
  return new HttpError('NotFound', `open log: no file '${relative}'`);
}
