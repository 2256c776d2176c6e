/** What a request wants to do with this node, for a SubjectAccessReview. */
export interface RequestAttributes {
  readonly verb: string;
  /** Subresources of `nodes`; one of them allowed is enough. */
  readonly subresources: readonly string[];
}

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Paths with a subresource of their own; `proxy` is asked second where it is named here. */
const subresourcesByPath: readonly (readonly [string, readonly string[]])[] = [
  ['pods', ['pods', 'proxy']],
  ['runningpods', ['pods', 'proxy']],
  ['healthz', ['healthz', 'proxy']],
  ['configz', ['configz', 'proxy']],
  ['stats', ['stats']],
  ['metrics', ['metrics']],
  ['logs', ['log']],
];

/** What runs something in a container, or reaches into a pod, however it is asked for. */
const interactivePaths = ['exec', 'attach', 'portForward', 'run'];

/**
 * Maps a request, its path in decoded segments, to what its user must be allowed to do, with the fine-grained subresources of
 * KEP-2862. Unlike stock kubelets, exec, attach, port-forward and run always ask for `create`:
 * a WebSocket upgrade is a GET, and `get nodes/proxy` must not be a shell in every pod.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/
 */
export function requestAttributes(method: string, path: readonly string[]): RequestAttributes {
  const [root = ''] = path;
  const interactive = interactivePaths.includes(root);
  const found = subresourcesByPath.find(([name]) => name === root);
  return {
    verb: interactive ? 'create' : (verbs[method] ?? method.toLowerCase()),
    subresources: found?.[1] ?? ['proxy'],
  };
}
