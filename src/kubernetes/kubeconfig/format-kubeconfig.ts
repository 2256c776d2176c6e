import { stringify } from 'yaml';
import type { ClusterAccess } from '../connection/cluster-access.ts';

/** Name of the cluster, the user and the context in what is written here. */
const onlyName = 'default';

/**
 * Writes a kubeconfig with one context, everything inline except a token file. Not for exec
 * plugins and passwords, which this program never writes down.
 */
export function formatKubeconfig(access: ClusterAccess): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: onlyName, cluster: clusterOf(access) }],
    users: [{ name: onlyName, user: userOf(access) }],
    contexts: [
      {
        name: onlyName,
        context: { cluster: onlyName, user: onlyName, namespace: access.namespace },
      },
    ],
    'current-context': onlyName,
  });
}

function clusterOf(access: ClusterAccess): object {
  return {
    server: access.server,
    'certificate-authority-data': base64(access.certificateAuthority),
    'tls-server-name': access.tlsServerName,
    'insecure-skip-tls-verify': access.insecureSkipTlsVerify || undefined,
  };
}

function userOf({ identity: { clientCertificate, credential } }: ClusterAccess): object {
  return {
    'client-certificate-data': base64(clientCertificate?.certificate),
    'client-key-data': base64(clientCertificate?.key),
    token: credential?.kind === 'token' ? credential.token : undefined,
    tokenFile: credential?.kind === 'tokenFile' ? credential.path : undefined,
  };
}

function base64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text).toString('base64');
}
