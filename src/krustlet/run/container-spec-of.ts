import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type {
  ContainerSpec,
  HttpSpec,
  LimitsSpec,
  LogSpec,
  UserSpec,
} from '../../runtime/container-spec.ts';
import { egressOf } from '../../runtime/http/egress-of.ts';
import type { Host } from '../cli/host.ts';
import { UserError } from '../cli/user-error.ts';
import { imageLabel } from '../containers/container-summary.ts';
import { parseCpus, parseMemory } from '../options/parse-amount.ts';
import { type EnvironmentVariable, parseEnv, readEnvFile } from '../options/parse-env.ts';
import { parsePublish } from '../options/parse-publish.ts';
import { parseUser } from '../options/parse-user.ts';
import { parseVolume } from '../options/parse-volume.ts';
import { networkOf } from './network-of.ts';
import type { Program } from './program.ts';
import type { RunOptions } from './run-options.ts';

const rotation = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

/**
 * Works out what a container is told from what was typed.
 *
 * @throws {UserError} for an option that cannot be understood
 */
export function containerSpecOf(
  program: Program,
  args: readonly string[],
  options: RunOptions,
  host: Host,
  dataDir: string,
): ContainerSpec {
  const id = options.name ?? madeUpName(program);
  checkName(id);
  const environment = environmentOf(program, options, host.env);
  const http = httpOf(options, environment);
  const network = networkOf(options.publish ?? [], http.egress);
  return {
    id,
    engine: options.engine,
    trustDomain: 'run',
    start: options.containerStart,
    modulePath: program.modulePath,
    ...(program.preparedPath !== undefined && { preparedPath: program.preparedPath }),
    args: argsOf(program, args, options),
    env: environment,
    workingDir: options.workdir === undefined ? program.workingDir : parseWorkdir(options.workdir),
    mounts: (options.volume ?? []).map(parseVolume),
    listeners: (options.publish ?? []).map(parsePublish).map(({ address, port }) => ({
      name: String(port),
      address,
      port,
    })),
    http,
    ...(network && { network }),
    stdin: 'closed',
    tty: options.tty === true,
    user: userOf(options),
    limits: limitsOf(options),
    log: logOf(id, dataDir),
    sandbox: options.sandbox,
    labels: { [imageLabel]: program.name },
  };
}

/** A component serves where the first --publish says, else on 127.0.0.1 port 8080. */
function httpOf(
  { publish: [first] = [], allowDomain = [] }: RunOptions,
  environment: readonly EnvironmentVariable[],
): HttpSpec {
  const asked = environment.find(({ name }) => name === 'KRUSTLET_HTTP_PORT')?.value;
  return {
    listen: parsePublish(first ?? asked ?? '8080'),
    serving: {},
    egress: allowDomain.flatMap(parseDomain),
  };
}

function parseDomain(domain: string): HttpSpec['egress'] {
  try {
    return egressOf([domain]);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new UserError(
      `reading --allow-domain '${domain}' failed: give a name such as example.org, or a URL without a path`,
    );
  }
}

function madeUpName({ modulePath, name }: Program): string {
  const base = path.basename(name.replace(/[:@].*$/, '') || modulePath, '.wasm');
  const plain = base.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return `${plain || 'module'}-${randomBytes(2).toString('hex')}`;
}

function checkName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(name)) return;
  throw new UserError(
    `naming the container '${name}' failed: use up to 63 letters, digits, '_', '.' and '-'`,
  );
}

function argsOf(program: Program, args: readonly string[], options: RunOptions): readonly string[] {
  const entrypoint = options.entrypoint === undefined ? program.entrypoint : [options.entrypoint];
  return [...entrypoint, ...(args.length > 0 ? args : program.defaultArgs)];
}

/** The image's variables, those from files and then the single ones; the last of a name counts. */
function environmentOf(
  program: Program,
  options: RunOptions,
  outer: Host['env'],
): readonly EnvironmentVariable[] {
  const all = [
    ...program.env,
    ...(options.envFile ?? []).flatMap((file) => readEnvFile(file, outer)),
    ...(options.env ?? []).flatMap((text) => parseEnv(text, outer) ?? []),
  ];
  return [...new Map(all.map((variable) => [variable.name, variable])).values()];
}

function userOf(options: RunOptions): UserSpec {
  if (options.user !== undefined) return { ...parseUser(options.user), groups: [] };
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] };
}

function limitsOf({ memory, cpus, pidsLimit }: RunOptions): LimitsSpec {
  return {
    ...(memory !== undefined && { memoryBytes: parseMemory(memory) }),
    ...(cpus !== undefined && { cpuMillis: parseCpus(cpus) }),
    ...(pidsLimit !== undefined && { pids: parseCount('--pids-limit', pidsLimit) }),
  };
}

function parseWorkdir(text: string): string {
  if (path.posix.isAbsolute(text)) return path.posix.normalize(text);
  throw new UserError(`reading --workdir '${text}' failed: give an absolute path, such as '/work'`);
}

function parseCount(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UserError(`reading ${option} '${text}' failed: give a number from 1`);
}

function logOf(id: string, dataDir: string): LogSpec {
  return { path: path.join(dataDir, 'logs', 'containers', id, '0.log'), ...rotation };
}
