import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HttpError } from './http-error.ts';

/** A request whose user may do what it asks for. */
export interface RoutedRequest {
  readonly message: IncomingMessage;
  readonly url: URL;
  /** The path's variables, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Aborted when the client is gone or the server stops. */
  readonly signal: AbortSignal;
}

export type Handler = (request: RoutedRequest, response: ServerResponse) => Promise<void> | void;

/** Takes over the connection. */
export type UpgradeHandler = (
  request: RoutedRequest,
  socket: Duplex,
  head: Buffer,
) => Promise<void>;

export interface Route {
  /** Segments; `:name` takes one of any value, `*name` all that are left. */
  readonly path: string;
  readonly methods: readonly string[];
  readonly handle?: Handler;
  readonly upgrade?: UpgradeHandler;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a path; the first that fits wins. */
export class Router {
  readonly #routes: readonly { readonly route: Route; readonly segments: readonly string[] }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, segments: split(route.path) }));
  }

  /** @throws {HttpError} NotFound or MethodNotAllowed */
  find(method: string, path: readonly string[]): Match {
    const matches = this.#routes.flatMap(({ route, segments }) => {
      const params = matchSegments(segments, path);
      return params === undefined ? [] : [{ route, params }];
    });
    const match = matches.find(({ route }) => route.methods.includes(method));
    if (match !== undefined) return match;
    if (matches.length > 0) throw new HttpError('MethodNotAllowed', `${method} is not allowed`);
    throw new HttpError('NotFound', 'the server could not find the requested resource');
  }
}

/**
 * The segments of a URL's path, decoded. Whoever decides by the path must see the same segments.
 *
 * @throws {HttpError} BadRequest where a segment is not decodable
 */
export function pathSegments(pathname: string): string[] {
  return split(pathname).map(decode);
}

function matchSegments(
  segments: readonly string[],
  path: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.startsWith('*')) {
      params[segment.slice(1)] = path.slice(index).join('/');
      return params;
    }
    const value = path[index];
    if (value === undefined) return undefined;
    if (segment.startsWith(':')) params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return path.length === segments.length ? params : undefined;
}

function split(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (cause) {
    throw new HttpError('BadRequest', `decode path: '${segment}' is not valid`, { cause });
  }
}
