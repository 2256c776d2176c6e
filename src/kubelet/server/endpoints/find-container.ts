import { HttpError } from '../http/http-error.ts';
import type { RoutedRequest } from '../http/router.ts';
import type { KubeletHost, ServedContainer, ServedPod } from '../kubelet-host.ts';

/** @throws {HttpError} NotFound where the pod that the path names is not on this node */
export function findPod(host: KubeletHost, { params }: RoutedRequest): ServedPod {
  const { namespace = '', pod = '', uid } = params;
  const found = host.findPod({ namespace, name: pod, uid });
  if (found === undefined) throw new HttpError('NotFound', `pod "${pod}" does not exist`);
  return found;
}

/** @throws {HttpError} NotFound where there is no such pod, or it has no such container */
export function findContainer(host: KubeletHost, request: RoutedRequest): ServedContainer {
  const { pod = '', container: name = '' } = request.params;
  const container = findPod(host, request).findContainer(name);
  if (container === undefined) {
    throw new HttpError('NotFound', `container "${name}" not found in pod "${pod}"`);
  }
  return container;
}
