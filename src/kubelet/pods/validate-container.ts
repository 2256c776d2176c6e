import type { ManifestProblem } from './manifest-error.ts';
import { labelProblem, portNameProblem } from './names.ts';
import { nearestName } from './nearest-name.ts';
import { problemAt } from './problem-at.ts';
import type { PodContainer, VolumeMount } from './schema/container.ts';
import type { EnvVar } from './schema/environment.ts';
import type { LifecycleHandler, Probe } from './schema/handlers.ts';
import type { Pod } from './schema/pod.ts';
import { relativePathProblem } from './validate-volume.ts';

/** What a container is for: one that runs before the others, beside them, or the pod's own work. */
export type ContainerKind = 'init' | 'sidecar' | 'main';

/** Lists what the API server would refuse in a container. */
export function containerProblems(
  pod: Pod,
  container: PodContainer,
  path: string,
  kind: ContainerKind,
): readonly ManifestProblem[] {
  return [
    ...problemAt(`${path}.name`, labelProblem(container.name)),
    ...problemAt(
      `${path}.image`,
      container.image === '' ? 'is required: name the module to run' : undefined,
    ),
    ...container.env.flatMap((item, index) => variableProblems(item, `${path}.env[${index}]`)),
    ...portProblems(container, path),
    ...mountProblems(pod, container, path),
    ...handlerProblems(container, path, kind),
    ...limitProblems(container, path),
  ];
}

function variableProblems(variable: EnvVar, path: string): readonly ManifestProblem[] {
  if (variable.valueFrom === undefined) return [];
  const sources = Object.keys(variable.valueFrom);
  return [
    ...problemAt(
      `${path}.valueFrom`,
      (variable.value ?? '') === '' ? undefined : 'cannot stand beside "value": keep one of them',
    ),
    ...problemAt(`${path}.valueFrom`, exactlyOne(sources, 'source')),
  ];
}

function portProblems(container: PodContainer, path: string): readonly ManifestProblem[] {
  return container.ports.flatMap((port, index) => {
    const first = container.ports.findIndex(({ name }) => name === port.name);
    return port.name === ''
      ? []
      : [
          ...problemAt(`${path}.ports[${index}].name`, portNameProblem(port.name)),
          ...problemAt(
            `${path}.ports[${index}].name`,
            first < index ? `"${port.name}" is used twice` : undefined,
          ),
        ];
  });
}

function mountProblems(
  pod: Pod,
  container: PodContainer,
  path: string,
): readonly ManifestProblem[] {
  return container.volumeMounts.flatMap((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const first = container.volumeMounts.findIndex((other) => other.mountPath === mount.mountPath);
    return [
      ...problemAt(`${at}.name`, missingVolume(pod, mount)),
      ...problemAt(
        `${at}.mountPath`,
        first < index ? `"${mount.mountPath}" is mounted twice` : undefined,
      ),
      ...problemAt(
        `${at}.mountPath`,
        mount.mountPath.includes(':') ? `"${mount.mountPath}" must not contain ':'` : undefined,
      ),
      ...problemAt(`${at}.subPath`, relativePathProblem(mount.subPath)),
      ...problemAt(`${at}.subPathExpr`, relativePathProblem(mount.subPathExpr)),
      ...problemAt(
        `${at}.subPathExpr`,
        mount.subPath !== '' && mount.subPathExpr !== ''
          ? 'cannot stand beside "subPath": keep one of them'
          : undefined,
      ),
    ];
  });
}

function missingVolume(pod: Pod, mount: VolumeMount): string | undefined {
  const names = pod.spec.volumes.map(({ name }) => name);
  if (names.includes(mount.name)) return undefined;
  const nearest = nearestName(mount.name, names);
  return nearest === undefined
    ? `no volume is named "${mount.name}": add it to spec.volumes`
    : `no volume is named "${mount.name}", did you mean "${nearest}"?`;
}

function handlerProblems(
  container: PodContainer,
  path: string,
  kind: ContainerKind,
): readonly ManifestProblem[] {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
  const hooks = ['postStart', 'preStop'] as const;
  return [
    ...probes.flatMap((name) => probeProblems(container[name], `${path}.${name}`, name, kind)),
    ...hooks.flatMap((name) =>
      hookProblems(container.lifecycle?.[name], `${path}.lifecycle.${name}`, kind),
    ),
  ];
}

function probeProblems(
  probe: Probe | undefined,
  path: string,
  name: string,
  kind: ContainerKind,
): readonly ManifestProblem[] {
  if (probe === undefined) return [];
  const handlers = (['exec', 'httpGet', 'tcpSocket', 'grpc'] as const).filter(
    (handler) => probe[handler] !== undefined,
  );
  return [
    ...problemAt(path, notForInit(kind)),
    ...problemAt(path, exactlyOne(handlers, 'handler')),
    ...problemAt(
      `${path}.successThreshold`,
      name !== 'readinessProbe' && probe.successThreshold !== 1
        ? `must be 1, but is ${probe.successThreshold}`
        : undefined,
    ),
  ];
}

function hookProblems(
  hook: LifecycleHandler | undefined,
  path: string,
  kind: ContainerKind,
): readonly ManifestProblem[] {
  if (hook === undefined) return [];
  return [
    ...problemAt(path, notForInit(kind)),
    ...problemAt(path, exactlyOne(Object.keys(hook), 'handler')),
  ];
}

function notForInit(kind: ContainerKind): string | undefined {
  return kind === 'init'
    ? 'is not allowed for an init container: remove it, or set restartPolicy: Always to make it a sidecar'
    : undefined;
}

function exactlyOne(kinds: readonly string[], what: string): string | undefined {
  if (kinds.length === 1) return undefined;
  return kinds.length === 0
    ? `must name one ${what}`
    : `must name one ${what}, but names ${kinds.join(' and ')}`;
}

function limitProblems(container: PodContainer, path: string): readonly ManifestProblem[] {
  const lists = [container.resources.limits, container.resources.requests];
  return lists.flatMap((list, index) =>
    Object.entries(list)
      .filter(([, value]) => value.startsWith('-'))
      .map(([name, value]) => ({
        path: `${path}.resources.${index === 0 ? 'limits' : 'requests'}['${name}']`,
        message: `must not be negative, but is ${value}`,
      })),
  );
}
