import type { Pod } from '../pods/schema/pod.ts';
import type { FileOwner } from './atomic-directory.ts';
import type { VolumeFiles } from './volume-files.ts';

/**
 * The user that all containers of a pod are said to run as; `undefined` where one of them does not
 * say, or they differ. As stock kubelets have it, ephemeral containers do not count.
 */
export function fsUserOf({ spec }: Pick<Pod, 'spec'>): number | undefined {
  const [first, ...others] = [...spec.initContainers, ...spec.containers].map(
    ({ securityContext }) => securityContext.runAsUser ?? spec.securityContext.runAsUser,
  );
  return others.every((user) => user === first) ? first : undefined;
}

/** Who owns the files that Kubernetes provides a pod with. */
export function fileOwnerOf(pod: Pick<Pod, 'spec'>): FileOwner {
  const uid = fsUserOf(pod);
  const { fsGroup } = pod.spec.securityContext;
  return { ...(uid !== undefined && { uid }), ...(fsGroup !== undefined && { gid: fsGroup }) };
}

/** The files, readable for the pod's fsGroup where it has one, as stock kubelets make them. */
export function readableForGroup(files: VolumeFiles, { spec }: Pick<Pod, 'spec'>): VolumeFiles {
  if (spec.securityContext.fsGroup === undefined) return files;
  return new Map([...files].map(([name, file]) => [name, { ...file, mode: file.mode | 0o440 }]));
}
