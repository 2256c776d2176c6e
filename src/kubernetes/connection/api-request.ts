/** A request to an API server, before it is sent. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash. */
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** @default 'application/json' */
  readonly contentType?: string | undefined;
  /** Longest silence while the body comes, in milliseconds. @default the connection's timeout */
  readonly idleTimeout?: number | undefined;
}

/** Parameters of the URL; those without a value are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Path and query as they go on the wire. */
export function targetOf({ path, query = {} }: ApiRequest): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
