/** A kubeconfig that cannot be used, and what to change in it. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError';
}
