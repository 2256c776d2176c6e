import type { ManifestProblem } from './manifest-error.ts';
import { labelProblem, subdomainProblem, uidProblem } from './names.ts';
import { problemAt } from './problem-at.ts';
import type { Pod } from './schema/pod.ts';
import { containerProblems } from './validate-container.ts';
import { volumeProblems } from './validate-volume.ts';

/** Lists what the API server would refuse in a pod whose fields have the right types. */
export function podProblems(pod: Pod): readonly ManifestProblem[] {
  return [
    ...nameProblems(pod),
    ...spec(pod),
    ...pod.spec.volumes.flatMap((volume, index) =>
      volumeProblems(volume, `spec.volumes[${index}]`),
    ),
    ...duplicates(pod.spec.volumes, (index) => `spec.volumes[${index}].name`),
    ...namedContainers(pod).flatMap(({ container, path, kind }) =>
      containerProblems(pod, container, path, kind),
    ),
    ...containerNames(pod),
  ];
}

/** Lists what is wrong with the names by which a pod is known. */
export function nameProblems(pod: Pick<Pod, 'metadata'>): readonly ManifestProblem[] {
  return [
    ...problemAt('metadata.name', subdomainProblem(pod.metadata.name)),
    ...problemAt('metadata.namespace', labelProblem(pod.metadata.namespace)),
    // Only the API server gives uids: a manifest need not have one.
    ...problemAt(
      'metadata.uid',
      pod.metadata.uid === '' ? undefined : uidProblem(pod.metadata.uid),
    ),
  ];
}

function spec(pod: Pod): readonly ManifestProblem[] {
  const grace = pod.spec.terminationGracePeriodSeconds;
  return [
    ...problemAt(
      'spec.terminationGracePeriodSeconds',
      grace < 0 ? `must be at least 0, but is ${grace}` : undefined,
    ),
    ...problemAt(
      'spec.hostname',
      pod.spec.hostname === undefined ? undefined : labelProblem(pod.spec.hostname),
    ),
  ];
}

function namedContainers(pod: Pod) {
  return [
    ...pod.spec.initContainers.map((container, index) => ({
      container,
      path: `spec.initContainers[${index}]`,
      kind: container.restartPolicy === 'Always' ? ('sidecar' as const) : ('init' as const),
    })),
    ...pod.spec.containers.map((container, index) => ({
      container,
      path: `spec.containers[${index}]`,
      kind: 'main' as const,
    })),
  ];
}

function containerNames(pod: Pod): readonly ManifestProblem[] {
  const all = namedContainers(pod);
  return duplicates(
    all.map(({ container }) => container),
    (index) => `${all[index]?.path}.name`,
  );
}

function duplicates(
  items: readonly { readonly name: string }[],
  pathOf: (index: number) => string,
): readonly ManifestProblem[] {
  return items.flatMap(({ name }, index) =>
    items.findIndex((item) => item.name === name) < index
      ? [{ path: pathOf(index), message: `"${name}" is used twice: give each one its own name` }]
      : [],
  );
}
