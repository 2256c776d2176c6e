import { randomBytes } from 'node:crypto';
import type { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import type { ClusterAccess } from '../../src/kubernetes/connection/cluster-access.ts';
import { formatKubeconfig } from '../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { type AnyObject, applyObject } from './apply-object.ts';

/** What a node joins a cluster with. */
export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
  /** `id.secret` */
  readonly token: string;
}

/** Group of nodes that join, as kubeadm names it. */
const joiningNodes = 'system:bootstrappers:kubeadm:default-node-token';

/** Makes a bootstrap token that no cluster knows yet. */
export function createBootstrapToken(): BootstrapToken {
  const id = randomBytes(3).toString('hex');
  const secret = randomBytes(8).toString('hex');
  return { id, secret, token: `${id}.${secret}` };
}

/** Creates what kubeadm leaves in a cluster so that nodes can join it. */
export async function applyBootstrapObjects(
  client: ApiClient,
  token: BootstrapToken,
  access: ClusterAccess,
): Promise<void> {
  await Promise.all([
    applyObject(client, tokenSecret(token)),
    applyObject(client, clusterInfo(access)),
    ...clusterInfoReaders().map((object) => applyObject(client, object)),
    ...nodeBootstrapRoles().map((object) => applyObject(client, object)),
  ]);
}

/** The Secret that makes a bootstrap token known to a cluster, for ever unless it expires. */
export function tokenSecret(
  { id, secret }: BootstrapToken,
  { expiration }: { readonly expiration?: Date } = {},
): AnyObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': secret,
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': joiningNodes,
      expiration: expiration?.toISOString(),
    },
  };
}

function clusterInfo({ server, certificateAuthority }: ClusterAccess): AnyObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig: formatKubeconfig({ server, certificateAuthority, identity: {} }) },
  };
}

function clusterInfoReaders(): readonly AnyObject[] {
  const metadata = { name: 'kubeadm:bootstrap-signer-clusterinfo', namespace: 'kube-public' };
  const group = 'rbac.authorization.k8s.io';
  return [
    {
      apiVersion: `${group}/v1`,
      kind: 'Role',
      metadata,
      rules: [
        {
          apiGroups: [''],
          resources: ['configmaps'],
          resourceNames: ['cluster-info'],
          verbs: ['get'],
        },
      ],
    },
    {
      apiVersion: `${group}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: group, kind: 'Role', name: metadata.name },
      subjects: [{ apiGroup: group, kind: 'User', name: 'system:anonymous' }],
    },
  ];
}

/** Who may ask for a node's first certificate and have it approved, and renew it. */
function nodeBootstrapRoles(): readonly AnyObject[] {
  const approve = 'system:certificates.k8s.io:certificatesigningrequests';
  return [
    clusterRoleBinding('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', joiningNodes),
    clusterRoleBinding('kubeadm:node-autoapprove-bootstrap', `${approve}:nodeclient`, joiningNodes),
    clusterRoleBinding(
      'kubeadm:node-autoapprove-certificate-rotation',
      `${approve}:selfnodeclient`,
      'system:nodes',
    ),
  ];
}

function clusterRoleBinding(name: string, role: string, subjectGroup: string): AnyObject {
  const group = 'rbac.authorization.k8s.io';
  return {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: group, kind: 'Group', name: subjectGroup }],
  };
}
