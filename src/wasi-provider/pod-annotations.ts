import { type ContainerConfig, ProviderError } from '../kubelet/provider.ts';

/** What a pod's annotations may say of how its containers run. */
export const podAnnotations = {
  /** `fork` or `exec`; the latter shares nothing with other containers. */
  containerStart: 'krustlet.dev/container-start',
  /** Rules of where sockets and requests may go. Without it sockets go anywhere that is not guarded. */
  egress: 'krustlet.dev/egress',
  /** `true` or `false`: modules answer requests as CGI programs do, once for each, from the beginning. */
  wagi: 'krustlet.dev/wagi',
  /** A JSON array of where the guest may send requests. */
  allowedDomains: 'alpha.wasi.krustlet.dev/allowed-domains',
  /** How many requests of the guest's own may wait for a response. */
  maxConcurrentRequests: 'alpha.wasi.krustlet.dev/max-concurrent-requests',
  httpMaxConcurrency: 'alpha.wasi.krustlet.dev/http-max-concurrency',
  /** In seconds. */
  httpRequestTimeout: 'alpha.wasi.krustlet.dev/http-request-timeout',
  /** In bytes. */
  httpMaxBodySize: 'alpha.wasi.krustlet.dev/http-max-body-size',
  /** The most threads that answer requests while there are many. */
  httpThreads: 'alpha.wasi.krustlet.dev/http-threads',
  /** `true` or `false` */
  httpAccessLog: 'alpha.wasi.krustlet.dev/http-access-log',
  /** `true` or `false` */
  httpShareState: 'alpha.wasi.krustlet.dev/http-share-state',
} as const;

const known: ReadonlySet<string> = new Set(Object.values(podAnnotations));
const ours = /^(?:alpha\.wasi\.)?krustlet\.dev\//;

/**
 * Sees to it that a misspelt limit is not taken for none.
 *
 * @throws {ProviderError} for an annotation with one of our prefixes that nobody reads
 */
export function refuseUnknownAnnotations(annotations: ContainerConfig['annotations']): void {
  const unknown = Object.keys(annotations).find((name) => ours.test(name) && !known.has(name));
  if (unknown === undefined) return;
  const [, end = ''] = unknown.split('/');
  const meant = [...known].filter((name) => name.endsWith(`/${end}`));
  const others = (meant.length > 0 ? meant : [...known]).join(', ');
  throw new ProviderError(
    'CreateContainerConfigError',
    `annotation "${unknown}" is not known: use ${others}`,
  );
}

/** What to throw where an annotation, or something else that a pod says, has a value that means nothing. */
export function unusable(
  what: string,
  text: string,
  expected: string,
  cause?: unknown,
): ProviderError {
  const message = `${what} "${text}" cannot be used: expected ${expected}`;
  return new ProviderError('CreateContainerConfigError', message, { cause });
}
