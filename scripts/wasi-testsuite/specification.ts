import { existsSync, readFileSync } from 'node:fs';

/** A step of a test, as the suite's doc/specification.md has them. */
export type Operation =
  | { readonly type: 'run' }
  | { readonly type: 'wait'; readonly exit_code?: number }
  | { readonly type: 'read' | 'write'; readonly id?: string; readonly payload?: string }
  | { readonly type: 'connect' }
  | { readonly type: 'send' | 'recv'; readonly payload?: string }
  | RequestOperation
  | { readonly type: 'kill'; readonly signal?: NodeJS.Signals };

/** A request to a test that serves, and the response it shall give. */
export interface RequestOperation {
  readonly type: 'request';
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  };
}

/** A server that a test sends requests to; a closed one is an address where nobody listens. */
export interface ServerSpecification {
  readonly name: string;
  readonly kind?: 'listening' | 'closed';
  readonly endpoints?: readonly Endpoint[];
}

export interface Endpoint {
  readonly method: string;
  readonly path: string;
  readonly mode?: 'echo-body' | 'echo-headers';
  readonly response?: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly chunks?: readonly string[];
    readonly trailers?: Readonly<Record<string, string>>;
  };
}

/** What a test is given, and what it shall do. */
export interface Specification {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly root: string | undefined;
  readonly operations: readonly Operation[];
  readonly servers: readonly ServerSpecification[];
}

const known = [
  ...['args', 'env', 'root', 'dirs', 'stdin', 'stdout', 'stderr', 'exit_code'],
  ...['operations', 'proposals', 'world', 'servers'],
];

/** Reads the file beside a test; without one it shall run and end well. */
export function readSpecification(module: string): Specification {
  const file = module.replace(/\.wasm$/, '.json');
  const json: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const fields = Object.entries(json ?? {});
  const unknown = fields.find(([name]) => !known.includes(name));
  if (unknown) throw new Error(`Cannot read '${file}': field '${unknown[0]}' is not known`);
  const { operations, servers = [], ...rest } = Object.fromEntries(fields);
  if (operations === undefined) return { ...given(rest), operations: plainRun(rest), servers };
  const [run] = operations.filter((operation: Operation) => operation.type === 'run');
  return { ...given({ root: rest.root, ...run }), operations, servers };
}

type Fields = Readonly<Record<string, unknown>>;

function given(fields: Fields): Pick<Specification, 'args' | 'env' | 'root'> {
  const {
    args = [],
    env = {},
    root,
    dirs,
  } = Object.fromEntries(Object.entries(fields)) as {
    args?: string[];
    env?: Record<string, string>;
    root?: string;
    dirs?: string[];
  };
  return { args, env, root: root ?? dirs?.[0] };
}

/** A run as it was specified before there were operations. */
function plainRun(fields: Fields): Operation[] {
  const { stdin, stdout, stderr, exit_code } = Object.fromEntries(Object.entries(fields)) as {
    stdin?: string;
    stdout?: string;
    stderr?: string;
    exit_code?: number;
  };
  const read = (id: string, payload: string | undefined): Operation[] =>
    payload === undefined ? [] : [{ type: 'read', id, payload }];
  return [
    { type: 'run' },
    ...(stdin === undefined ? [] : [{ type: 'write', id: 'stdin', payload: stdin } as const]),
    ...read('stdout', stdout),
    ...read('stderr', stderr),
    { type: 'wait', ...(exit_code !== undefined && { exit_code }) },
  ];
}
