import * as v from 'valibot';
import { type ContainerSpec, engineNames } from './container-spec.ts';

const absolutePath = v.pipe(
  v.string(),
  v.startsWith('/', 'must be an absolute path'),
  v.excludes('\0', 'must not contain NUL'),
);
const relativePath = v.pipe(
  v.string(),
  v.regex(/^[^/]/, 'must be a relative path'),
  v.check((path) => !path.split('/').includes('..'), "must not contain '..'"),
  v.excludes('\0', 'must not contain NUL'),
);
const text = v.pipe(v.string(), v.excludes('\0', 'must not contain NUL'));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const identifier = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(0xffff_fffe));

const execStdio = v.variant('kind', [
  v.strictObject({
    kind: v.literal('pipes'),
    stdin: v.exactOptional(absolutePath),
    stdout: v.exactOptional(absolutePath),
    stderr: v.exactOptional(absolutePath),
  }),
  v.strictObject({ kind: v.literal('terminal'), path: absolutePath }),
]);

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));
const address = v.union([v.pipe(v.string(), v.ipv4()), v.pipe(v.string(), v.ipv6())]);

const egress = v.array(
  v.strictObject({
    hosts: v.exactOptional(v.array(text)),
    cidrs: v.exactOptional(v.array(text)),
    ports: v.exactOptional(v.array(port)),
  }),
);

const http = v.strictObject({
  listen: v.strictObject({
    address,
    otherAddresses: v.exactOptional(v.array(address)),
    port,
  }),
  serving: v.strictObject({
    maximumConcurrency: v.exactOptional(count),
    requestTimeout: v.exactOptional(count),
    maximumBodySize: v.exactOptional(count),
    accessLog: v.exactOptional(v.boolean()),
    shareState: v.exactOptional(v.boolean()),
    threads: v.exactOptional(count),
  }),
  cgi: v.exactOptional(v.boolean()),
  egress,
  maximumOutgoing: v.exactOptional(count),
});

const network = v.strictObject({
  addresses: v.array(address),
  ports: v.exactOptional(v.array(port)),
  egress: v.exactOptional(egress),
  guarded: v.array(v.strictObject({ cidrs: v.array(text), ports: v.exactOptional(v.array(port)) })),
  services: v.exactOptional(absolutePath),
  peers: v.exactOptional(absolutePath),
  dns: v.strictObject({
    servers: v.array(address),
    searches: v.array(text),
    ndots: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    timeout: v.exactOptional(count),
    attempts: v.exactOptional(count),
  }),
  hosts: v.array(v.strictObject({ address, names: v.array(text) })),
});

const containerSpecSchema = v.strictObject({
  id: v.pipe(
    v.string(),
    v.regex(/^[a-z0-9][a-z0-9_.-]{0,250}$/i, 'must be letters, digits, _, . and -'),
  ),
  engine: v.picklist(engineNames),
  enginePath: v.exactOptional(absolutePath),
  trustDomain: v.pipe(text, v.nonEmpty()),
  start: v.picklist(['fork', 'exec']),
  modulePath: absolutePath,
  preparedPath: v.exactOptional(absolutePath),
  args: v.array(text),
  env: v.array(
    v.strictObject({
      name: v.pipe(text, v.nonEmpty(), v.excludes('=', 'must not contain =')),
      value: text,
    }),
  ),
  workingDir: absolutePath,
  mounts: v.array(
    v.strictObject({
      hostPath: absolutePath,
      subPath: v.exactOptional(relativePath),
      guestPath: absolutePath,
      readOnly: v.boolean(),
    }),
  ),
  listeners: v.array(
    v.strictObject({
      name: text,
      address,
      port,
    }),
  ),
  http: v.exactOptional(http),
  network: v.exactOptional(network),
  stdin: v.picklist(['closed', 'open', 'once']),
  tty: v.boolean(),
  user: v.strictObject({ uid: identifier, gid: identifier, groups: v.array(identifier) }),
  limits: v.strictObject({
    memoryBytes: v.exactOptional(count),
    cpuMillis: v.exactOptional(count),
    pids: v.exactOptional(count),
  }),
  log: v.strictObject({ path: absolutePath, maxBytes: count, maxFiles: count }),
  sandbox: v.picklist(['required', 'best-effort']),
  exec: v.exactOptional(
    v.strictObject({
      program: v.picklist(['main', 'module', 'mounted', 'builtin']),
      stdio: execStdio,
    }),
  ),
  labels: v.record(v.string(), v.string()),
});

/** A container spec that cannot be one; the message names each field and what is wrong with it. */
export class ContainerSpecError extends Error {
  override readonly name = 'ContainerSpecError';
}

/**
 * Types a container spec that comes from outside. Unknown fields are errors.
 *
 * @throws {ContainerSpecError}
 */
export function parseContainerSpec(input: unknown): ContainerSpec {
  const result = v.safeParse(containerSpecSchema, input);
  if (result.success) return result.output;
  const problems = result.issues.map(
    (issue) => `'${v.getDotPath(issue) ?? 'spec'}': ${issue.message}`,
  );
  throw new ContainerSpecError(`Cannot read container spec: ${problems.join('; ')}`);
}
