import { type ContainerConfig, ProviderError } from '../kubelet/provider.ts';
import type { HttpServingSpec, HttpSpec } from '../runtime/container-spec.ts';
import { egressOf } from '../runtime/http/egress-of.ts';
import { egressRules } from './network-spec-of.ts';

const prefix = 'alpha.wasi.krustlet.dev/';
/** The variable that names the port where there is no containerPort, or another one is meant. */
const portVariable = 'KRUSTLET_HTTP_PORT';
const defaultPort = 8080;
/** Has a module answer requests as CGI programs do: once for each, from the beginning. */
const wagiAnnotation = 'krustlet.dev/wagi';

/**
 * Says how a component serves HTTP and where it may send requests, by the pod's annotations:
 *
 * - `allowed-domains`, a JSON array, and `max-concurrent-requests`: what the guest sends
 * - `http-max-concurrency`, `http-request-timeout` (seconds), `http-max-body-size` (bytes)
 * - `http-threads`: threads that answer requests while there are many
 * - `http-access-log` and `http-share-state`, `true` or `false`
 * - `krustlet.dev/wagi`, `true` or `false`: modules answer as CGI programs do
 *
 * @throws {ProviderError} for an annotation that cannot be read
 */
export function httpSpecOf(config: ContainerConfig): HttpSpec {
  const { annotations } = config;
  const [address = '0.0.0.0', ...otherAddresses] = config.podIPs;
  const maximumOutgoing = countOf(annotations, 'max-concurrent-requests');
  return {
    listen: {
      address,
      ...(otherAddresses.length > 0 && { otherAddresses }),
      port: portOf(config),
    },
    serving: servingOf(annotations),
    ...(flagOf(annotations, wagiAnnotation) && { cgi: true }),
    egress: egressRules(annotations) ?? allowedDomains(annotations),
    ...(maximumOutgoing !== undefined && { maximumOutgoing }),
  };
}

function portOf({ env, ports }: ContainerConfig): number {
  const asked = env.find(({ name }) => name === portVariable)?.value;
  if (asked === undefined) {
    return ports.find(({ protocol }) => protocol === 'TCP')?.containerPort ?? defaultPort;
  }
  const port = Number(asked);
  if (/^\d{1,5}$/.test(asked) && port >= 1 && port <= 65_535) return port;
  throw refuse(`variable ${portVariable}`, asked, 'a port');
}

function servingOf(annotations: Annotations): HttpServingSpec {
  const maximumConcurrency = countOf(annotations, 'http-max-concurrency');
  const seconds = countOf(annotations, 'http-request-timeout');
  const maximumBodySize = countOf(annotations, 'http-max-body-size');
  const threads = countOf(annotations, 'http-threads');
  return {
    ...(maximumConcurrency !== undefined && { maximumConcurrency }),
    ...(seconds !== undefined && { requestTimeout: seconds * 1000 }),
    ...(maximumBodySize !== undefined && { maximumBodySize }),
    ...(threads !== undefined && { threads }),
    accessLog: flagOf(annotations, `${prefix}http-access-log`),
    shareState: flagOf(annotations, `${prefix}http-share-state`),
  };
}

function allowedDomains(annotations: Annotations): HttpSpec['egress'] {
  const text = annotations[`${prefix}allowed-domains`];
  if (text === undefined) return [];
  try {
    return egressOf(stringsOf(JSON.parse(text)));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw refuse('annotation allowed-domains', text, `a JSON array of domains: ${detail}`, cause);
  }
}

function stringsOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new TypeError('it is none');
}

type Annotations = ContainerConfig['annotations'];

function countOf(annotations: Annotations, name: string): number | undefined {
  const text = annotations[prefix + name];
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw refuse(`annotation ${name}`, text, 'a number from 1');
}

function flagOf(annotations: Annotations, name: string): boolean {
  const text = annotations[name] ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw refuse(`annotation ${name}`, text, 'true or false');
}

function refuse(what: string, text: string, expected: string, cause?: unknown): ProviderError {
  const message = `${what} "${text}" cannot be used: expected ${expected}`;
  return new ProviderError('CreateContainerConfigError', message, { cause });
}
