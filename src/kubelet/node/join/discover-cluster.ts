import { parse } from 'yaml';
import type { AbortOptions } from '../../../kubernetes/abort-options.ts';
import { ApiClient } from '../../../kubernetes/api/api-client.ts';
import { isApiError } from '../../../kubernetes/api/api-error.ts';
import type { KubernetesObject } from '../../../kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../../kubernetes/api/resource.ts';
import { type Clock, systemClock } from '../../../kubernetes/clock.ts';
import { ApiConnection } from '../../../kubernetes/connection/api-connection.ts';
import type { ClusterAccess } from '../../../kubernetes/connection/cluster-access.ts';
import { parseKubeconfig } from '../../../kubernetes/kubeconfig/parse-kubeconfig.ts';
import { isSignedBy } from './cluster-info-signature.ts';
import { JoinError, type JoinToken, parseJoinToken } from './join-token.ts';
import { parsePublicKeyPin, publicKeyPin } from './public-key-pin.ts';

/** What a node is told to join a cluster with. */
export interface JoinArguments {
  /** `https://host:port`, or `host:port`. */
  readonly server: string;
  /** `id.secret` */
  readonly token: string;
  /** Pins of the public keys that the cluster's authority may have. */
  readonly caCertHashes: readonly string[];
  /** Whether the token alone may vouch for the authority. @default false */
  readonly unsafeSkipCaVerification?: boolean;
}

/** All optional. */
export interface DiscoverClusterOptions extends AbortOptions {
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Hears once that the cluster has not signed its information yet. */
  readonly onWait?: (message: string) => void;
  /** How long the cluster has to sign its information, in milliseconds. @default 300_000 */
  readonly timeout?: number;
}

interface ClusterInfo extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

const configMaps: Resource<ClusterInfo> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  parse: parserOf('ConfigMap'),
};
const clusterInfoPlace = { name: 'cluster-info', namespace: 'kube-public' };
const retryDelay = 1_000;

/**
 * Finds out how to reach a cluster and by what to recognise it, as `kubeadm join` does: the
 * public cluster-info counts only where the token's secret has signed it and the authority in it
 * has one of the pinned keys. The result carries the token, good for asking for a certificate.
 * @see https://kubernetes.io/docs/reference/setup-tools/kubeadm/kubeadm-join/#discovering-what-cluster-ca-to-trust
 */
export async function discoverCluster(
  joining: JoinArguments,
  options: DiscoverClusterOptions = {},
): Promise<ClusterAccess> {
  const token = parseJoinToken(joining.token);
  const pins = joining.caCertHashes.map(parsePublicKeyPin);
  if (pins.length === 0 && !joining.unsafeSkipCaVerification) {
    throw new JoinError(
      'InvalidArgument',
      'Cannot join without knowing the cluster: give --discovery-token-ca-cert-hash, or --discovery-token-unsafe-skip-ca-verification',
    );
  }
  const server = parseServer(joining.server);
  const found = await fetchSigned(
    { server, insecureSkipTlsVerify: true, identity: {} },
    token,
    options,
  );
  const cluster = parseKubeconfig(parse(found));
  const { certificateAuthority } = cluster;
  checkPin(certificateAuthority, pins);
  // Nothing was encrypted for certain so far: the authority has to vouch for the same answer.
  const vouched = await fetchSigned({ server, certificateAuthority, identity: {} }, token, options);
  if (vouched !== found) {
    throw new JoinError(
      'NotTrusted',
      `Cannot trust '${server}': it gave two different cluster-infos`,
    );
  }
  return { ...cluster, identity: { credential: { kind: 'token', token: joining.token } } };
}

function parseServer(text: string): string {
  const server = text.includes('://') ? text : `https://${text}`;
  if (URL.canParse(server) && new URL(server).protocol === 'https:') return server;
  throw new JoinError(
    'InvalidArgument',
    `Cannot read API server '${text}': it must have the form https://host:port`,
  );
}

/** The kubeconfig of cluster-info, once it is signed with the token. */
async function fetchSigned(
  access: ClusterAccess,
  token: JoinToken,
  { clock = systemClock, timeout = 300_000, onWait, signal }: DiscoverClusterOptions,
): Promise<string> {
  await using connection = new ApiConnection(access);
  const client = new ApiClient({ connection, clock });
  const deadline = clock.now() + timeout;
  let isWaiting = false;
  for (;;) {
    const { data = {} } = await fetchClusterInfo(client, access, signal);
    const { kubeconfig } = data;
    const signature = data[`jws-kubeconfig-${token.id}`];
    if (kubeconfig !== undefined && signature !== undefined) {
      if (isSignedBy(token, kubeconfig, signature)) return kubeconfig;
      throw new JoinError(
        'NotTrusted',
        `Cannot trust '${access.server}': its cluster-info is not signed with the secret of token '${token.id}'`,
      );
    }
    if (clock.now() >= deadline) {
      throw new JoinError(
        'NotReady',
        `Cannot join '${access.server}': its cluster-info has no signature for token '${token.id}': create one with \`kubeadm token create\``,
      );
    }
    if (!isWaiting) onWait?.(waitMessage(access, token, timeout));
    isWaiting = true;
    await clock.sleep(retryDelay, { signal });
  }
}

function waitMessage({ server }: ClusterAccess, { id }: JoinToken, timeout: number): string {
  const what = `'${server}' has not signed its cluster-info with token '${id}' yet`;
  return `${what}: waiting up to ${Math.round(timeout / 1000)} s; \`kubeadm token list\` shows whether the token is there still`;
}

async function fetchClusterInfo(
  client: ApiClient,
  { server, insecureSkipTlsVerify }: ClusterAccess,
  signal: AbortSignal | undefined,
): Promise<ClusterInfo> {
  try {
    return await client.get(configMaps, clusterInfoPlace, { signal });
  } catch (cause) {
    if (isApiError(cause, 'NotFound', 'Forbidden', 'Unauthorized')) {
      throw new JoinError(
        'NotReady',
        `Cannot join '${server}': it does not show cluster-info to those who join: run \`kubeadm init phase bootstrap-token\``,
        { cause },
      );
    }
    if (isApiError(cause, 'Unreachable') && !insecureSkipTlsVerify) {
      throw new JoinError(
        'NotTrusted',
        `Cannot trust '${server}': the authority in its cluster-info has not signed its certificate`,
        { cause },
      );
    }
    throw cause;
  }
}

function checkPin(certificateAuthority: string | undefined, pins: readonly string[]): void {
  if (pins.length === 0) return;
  const certificates =
    certificateAuthority?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const found = certificates.map(publicKeyPin);
  if (found.some((pin) => pins.includes(pin))) return;
  throw new JoinError(
    'NotTrusted',
    `Cannot trust the cluster: its authority has the public key ${found.join(', ')}, none of those given`,
  );
}
