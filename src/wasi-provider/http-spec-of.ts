import type { ContainerConfig } from '../kubelet/provider.ts';
import type { HttpServingSpec, HttpSpec } from '../runtime/container-spec.ts';
import { egressOf } from '../runtime/http/egress-of.ts';
import { egressRules } from './network-spec-of.ts';
import { podAnnotations, unusable } from './pod-annotations.ts';

/** The variable that names the port where there is no containerPort, or another one is meant. */
const portVariable = 'KRUSTLET_HTTP_PORT';
const defaultPort = 8080;

/**
 * Says how a component serves HTTP and where it may send requests, by the pod's annotations.
 *
 * @throws {ProviderError} for an annotation that cannot be read
 */
export function httpSpecOf(config: ContainerConfig): HttpSpec {
  const { annotations } = config;
  const [address = '0.0.0.0', ...otherAddresses] = config.podIPs;
  const maximumOutgoing = countOf(annotations, podAnnotations.maxConcurrentRequests);
  return {
    listen: {
      address,
      ...(otherAddresses.length > 0 && { otherAddresses }),
      port: portOf(config),
    },
    serving: servingOf(annotations),
    ...(flagOf(annotations, podAnnotations.wagi) && { cgi: true }),
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
  throw unusable(`variable ${portVariable}`, asked, 'a port');
}

function servingOf(annotations: Annotations): HttpServingSpec {
  const maximumConcurrency = countOf(annotations, podAnnotations.httpMaxConcurrency);
  const seconds = countOf(annotations, podAnnotations.httpRequestTimeout);
  const maximumBodySize = countOf(annotations, podAnnotations.httpMaxBodySize);
  const threads = countOf(annotations, podAnnotations.httpThreads);
  return {
    ...(maximumConcurrency !== undefined && { maximumConcurrency }),
    ...(seconds !== undefined && { requestTimeout: seconds * 1000 }),
    ...(maximumBodySize !== undefined && { maximumBodySize }),
    ...(threads !== undefined && { threads }),
    accessLog: flagOf(annotations, podAnnotations.httpAccessLog),
    shareState: flagOf(annotations, podAnnotations.httpShareState),
  };
}

function allowedDomains(annotations: Annotations): HttpSpec['egress'] {
  const text = annotations[podAnnotations.allowedDomains];
  if (text === undefined) return [];
  try {
    return egressOf(stringsOf(JSON.parse(text)));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw unusable(
      `annotation ${podAnnotations.allowedDomains}`,
      text,
      `a JSON array of domains: ${detail}`,
      cause,
    );
  }
}

function stringsOf(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new TypeError('it is none');
}

type Annotations = ContainerConfig['annotations'];

function countOf(annotations: Annotations, name: string): number | undefined {
  const text = annotations[name];
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw unusable(`annotation ${name}`, text, 'a number from 1');
}

function flagOf(annotations: Annotations, name: string): boolean {
  const text = annotations[name] ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw unusable(`annotation ${name}`, text, 'true or false');
}
