import * as v from 'valibot';
import type { AbortOptions } from '../abort-options.ts';
import { OciError } from '../errors.ts';
import type { Credential, CredentialSource, RepositoryName } from './credential.ts';
import type { CredentialHelper } from './credential-helper.ts';
import { compareSpecificity, matchesRepository } from './matches-repository.ts';

const text = v.optional(v.string(), '');
const entrySchema = v.object({
  auth: text,
  username: text,
  password: text,
  identitytoken: text,
  registrytoken: text,
});
const authsSchema = v.record(v.string(), entrySchema);
const configSchema = v.object({
  auths: v.optional(v.nullable(authsSchema)),
  credHelpers: v.optional(v.nullable(v.record(v.string(), v.string()))),
  credsStore: v.optional(v.string()),
});

type Entry = v.InferOutput<typeof entrySchema>;

/** What Docker's `config.json` says about registries. */
export interface DockerConfig {
  /** Credentials by key, which `matchesRepository` explains. */
  readonly auths: ReadonlyMap<string, Credential>;
  /** Names of helper programs, by host. */
  readonly credHelpers: ReadonlyMap<string, string>;
  /** The helper program for all other hosts. */
  readonly credsStore?: string;
}

/**
 * Parses Docker's `config.json`, and its predecessor `.dockercfg`, which is the `auths` alone.
 *
 * @param what Where it comes from, for errors, which never quote what it says.
 * @throws OciError `InvalidConfiguration`
 */
export function parseDockerConfig(json: unknown, what: string): DockerConfig {
  const isPredecessor =
    typeof json === 'object' &&
    json !== null &&
    !['auths', 'credHelpers', 'credsStore'].some((key) => key in json) &&
    v.is(v.record(v.string(), v.looseObject({ auth: v.string() })), json);
  const config = check(configSchema, isPredecessor ? { auths: json } : json, what);
  const auths = Object.entries(config.auths ?? {}).flatMap(([key, entry]) => {
    const credential = parseEntry(key, entry, what);
    return credential === undefined ? [] : [[key, credential] as const];
  });
  return {
    auths: new Map(auths),
    credHelpers: new Map(Object.entries(config.credHelpers ?? {})),
    ...(config.credsStore && { credsStore: config.credsStore }),
  };
}

function check<T>(schema: v.GenericSchema<unknown, T>, json: unknown, what: string): T {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue) ?? 'the whole';
  throw new OciError(
    'InvalidConfiguration',
    `read ${what}: ${field} should be ${issue.expected ?? 'something else'}`,
  );
}

/** An entry without credentials only says that a helper has them. */
function parseEntry(key: string, entry: Entry, what: string): Credential | undefined {
  if (entry.identitytoken) return { kind: 'identity-token', token: entry.identitytoken };
  if (entry.registrytoken) return { kind: 'registry-token', token: entry.registrytoken };
  if (entry.auth) return parseAuth(key, entry.auth, what);
  if (!entry.username && !entry.password) return undefined;
  return { kind: 'password', username: entry.username, password: entry.password };
}

function parseAuth(key: string, auth: string, what: string): Credential {
  const decoded = Buffer.from(auth, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon < 1) {
    throw new OciError(
      'InvalidConfiguration',
      `read ${what}: auths['${key}'].auth is not base64 of username:password`,
    );
  }
  // Some tools have padded the password with NUL.
  const password = decoded.slice(colon + 1).replace(/\0+$/, '');
  return { kind: 'password', username: decoded.slice(0, colon), password };
}

/** Credentials from a Docker config; helper programs are asked where the config names them. */
export class DockerConfigCredentials implements CredentialSource {
  readonly #config: DockerConfig;
  readonly #helper: CredentialHelper | undefined;

  /** Without a `helper` the config's helpers are not run, as befits one from a pod's Secret. */
  constructor(config: DockerConfig, { helper }: { readonly helper?: CredentialHelper } = {}) {
    this.#config = config;
    this.#helper = helper;
  }

  async find(name: RepositoryName, options: AbortOptions = {}): Promise<readonly Credential[]> {
    const helped = await this.#askHelper(name, options);
    const matching = [...this.#config.auths]
      .filter(([key]) => matchesRepository(key, name))
      .sort(([a], [b]) => compareSpecificity(a, b))
      .map(([, credential]) => credential);
    return helped === undefined ? matching : [helped, ...matching];
  }

  async #askHelper(name: RepositoryName, options: AbortOptions): Promise<Credential | undefined> {
    const { credHelpers, credsStore } = this.#config;
    const program = credHelpers.get(name.registry) ?? credsStore;
    if (this.#helper === undefined || program === undefined) return undefined;
    const isHub = name.registry === 'docker.io';
    const server = isHub ? 'https://index.docker.io/v1/' : name.registry;
    return await this.#helper.get(program, server, options);
  }
}
