import { readFileSync } from 'node:fs';
import path from 'node:path';
import type {
  ClientCertificate,
  ClusterAccess,
  Credential,
  ExecPlugin,
  Identity,
} from '../connection/cluster-access.ts';
import { Fields } from './fields.ts';
import { KubeconfigError } from './kubeconfig-error.ts';

/** All optional. */
export interface ParseKubeconfigOptions {
  /** Which context to use. @default the file's `current-context` */
  readonly context?: string | undefined;
  /** The folder that relative paths in it start from. @default the working directory */
  readonly directory?: string;
  /** Environment of credential plugins. @default empty */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads one context of a kubeconfig, with the files that it names. Throws a `KubeconfigError` that
 * says which field is wrong.
 * @see https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
 */
export function parseKubeconfig(
  value: unknown,
  options: ParseKubeconfigOptions = {},
): ClusterAccess {
  const config = new Fields(value, '');
  const name = options.context ?? config.string('current-context');
  if (name === undefined) {
    throw new KubeconfigError("Cannot read kubeconfig: 'current-context' is not set");
  }
  const context = named(config, 'contexts', name).object('context');
  const cluster = named(config, 'clusters', context.requiredString('cluster')).object('cluster');
  const user = context.string('user');
  return {
    ...parseCluster(cluster, options),
    namespace: context.string('namespace'),
    identity:
      user === undefined ? {} : parseUser(named(config, 'users', user).object('user'), options),
  };
}

function named(config: Fields, list: string, name: string): Fields {
  const found = config.list(list).find((entry) => entry.string('name') === name);
  if (found) return found;
  throw new KubeconfigError(`Cannot read kubeconfig: '${list}' has none with the name '${name}'`);
}

function parseCluster(
  cluster: Fields,
  options: ParseKubeconfigOptions,
): Omit<ClusterAccess, 'identity' | 'namespace'> {
  if (cluster.has('proxy-url')) throw unsupported(cluster, 'proxy-url', 'connect directly');
  const server = cluster.requiredString('server');
  if (!URL.canParse(server)) {
    throw new KubeconfigError(
      `Cannot read kubeconfig: '${cluster.pathOf('server')}' must be a URL, but is '${server}'`,
    );
  }
  return {
    server,
    certificateAuthority: dataOrFile(cluster, 'certificate-authority', options),
    tlsServerName: cluster.string('tls-server-name'),
    insecureSkipTlsVerify: cluster.flag('insecure-skip-tls-verify'),
  };
}

function parseUser(user: Fields, options: ParseKubeconfigOptions): Identity {
  if (user.has('auth-provider')) throw unsupported(user, 'auth-provider', "use 'exec'");
  for (const field of ['as', 'as-uid', 'as-groups', 'as-user-extra']) {
    if (user.has(field)) throw unsupported(user, field, 'use credentials of that user');
  }
  return {
    clientCertificate: parseClientCertificate(user, options),
    credential: parseCredential(user, options),
  };
}

function parseClientCertificate(
  user: Fields,
  options: ParseKubeconfigOptions,
): ClientCertificate | undefined {
  const certificate = dataOrFile(user, 'client-certificate', options);
  const key = dataOrFile(user, 'client-key', options);
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate !== undefined && key !== undefined) return { certificate, key };
  const missing = certificate === undefined ? 'client-certificate' : 'client-key';
  throw new KubeconfigError(
    `Cannot read kubeconfig: '${user.pathOf(missing)}' or its -data is missing`,
  );
}

function parseCredential(user: Fields, options: ParseKubeconfigOptions): Credential | undefined {
  // As client-go: the file wins over the token, which is then only its first content.
  const tokenFile = user.string('tokenFile');
  if (tokenFile !== undefined) return { kind: 'tokenFile', path: absolute(tokenFile, options) };
  const token = user.string('token');
  if (token !== undefined) return { kind: 'token', token };
  const username = user.string('username');
  if (username !== undefined) {
    return { kind: 'basic', username, password: user.string('password') ?? '' };
  }
  if (!user.has('exec')) return undefined;
  return { kind: 'exec', plugin: parseExecPlugin(user.object('exec'), options) };
}

function parseExecPlugin(exec: Fields, options: ParseKubeconfigOptions): ExecPlugin {
  const apiVersion = exec.requiredString('apiVersion');
  if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion)) {
    throw unsupported(exec, 'apiVersion', "use 'client.authentication.k8s.io/v1'");
  }
  const command = exec.requiredString('command');
  const own = exec
    .list('env')
    .map((entry) => [entry.requiredString('name'), entry.string('value') ?? '']);
  return {
    apiVersion,
    // A bare name is looked up on the PATH; a path starts from the kubeconfig's folder.
    command: command.includes('/') ? absolute(command, options) : command,
    args: exec.strings('args'),
    env: { ...options.environment, ...Object.fromEntries(own) },
    installHint: exec.string('installHint'),
  };
}

/** The inline data of `<name>-data`, else the content of the file that `<name>` names. */
function dataOrFile(
  fields: Fields,
  name: string,
  options: ParseKubeconfigOptions,
): string | undefined {
  const data = fields.base64(`${name}-data`);
  if (data !== undefined) return data;
  const file = fields.string(name);
  if (file === undefined) return undefined;
  try {
    return readFileSync(absolute(file, options), 'utf8');
  } catch (cause) {
    const message = `Cannot read kubeconfig: '${fields.pathOf(name)}' names '${file}', which cannot be read`;
    throw new KubeconfigError(message, { cause });
  }
}

function absolute(file: string, { directory = '.' }: ParseKubeconfigOptions): string {
  return path.resolve(directory, file);
}

function unsupported(fields: Fields, name: string, instead: string): KubeconfigError {
  return new KubeconfigError(
    `Cannot use kubeconfig: '${fields.pathOf(name)}' is not supported: ${instead}`,
  );
}
