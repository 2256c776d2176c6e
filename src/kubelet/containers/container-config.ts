import { randomBytes } from 'node:crypto';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import {
  containerNetwork,
  guestHostname,
  mountNetworkFiles,
} from '../network/container-network.ts';
import type { PodContext } from '../pods/pod-context.ts';
import { quantityMillis, quantityUnits } from '../pods/quantity.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import type {
  ContainerConfig,
  ContainerImage,
  ContainerNetwork,
  ContainerPort,
  ContainerResources,
} from '../provider.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';
import { containerMounts, mountTerminationLog } from './container-mounts.ts';
import { containerUser } from './container-user.ts';
import { expandVariables } from './environment/expand-variables.ts';
import { resolveEnvironment } from './environment/resolve-environment.ts';

/** What one start of a container is about. */
export interface ContainerConfigInit {
  readonly attempt: number;
  readonly image: ContainerImage;
  /** Where the pod's volumes are. @default where they are mounted */
  readonly volumes?: ReadonlyMap<string, MountedVolume>;
}

/**
 * Resolves all that a container's spec refers to, for one start of it.
 *
 * @throws {ConfigError} where something is missing or wrong
 * @throws {VolumeError} where a sub-path leads out of its volume
 */
export async function containerConfig(
  context: PodContext,
  container: PodContainer,
  { attempt, image, volumes = context.volumes.mounted }: ContainerConfigInit,
  options: AbortOptions = {},
): Promise<ContainerConfig> {
  const pod = context.manifest.current;
  const { uid, namespace, name } = pod.metadata;
  const variables = await variablesOf(context, container, options);
  const { directories, settings } = context.components;
  const network = await networkOf(context, options);
  const hostname = guestHostname(pod, settings.network?.dns.clusterDomain ?? '');
  const devices = await context.components.devices?.of(pod, container.name, options);
  const ofVolumes = await containerMounts(container, volumes, variables);
  const own = devices ? [...ofVolumes, ...devices.mounts] : ofVolumes;
  const mounts = mountTerminationLog(
    container,
    network ? mountNetworkFiles(pod, network, { hostname, directories, mounts: own }) : own,
    directories.terminationLog(pod.metadata, container.name, attempt),
  );
  return {
    id: randomBytes(16).toString('hex'),
    pod: { namespace, name, uid },
    name: container.name,
    attempt,
    image,
    runtimeHandler: context.runtimeHandler,
    ...commandOf(container, variables),
    // What the pod says itself stands before what a plugin says.
    env: [...new Map([...(devices?.env ?? []), ...variables])].map(toVariable),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    mounts,
    ports: portsOf(container),
    podIPs: context.podIPs,
    hostname,
    ...(network && { network }),
    stdin: container.stdin,
    stdinOnce: container.stdinOnce,
    tty: container.tty,
    user: containerUser(pod, container, image, settings.defaultUser),
    resources: resourcesOf(container, settings.podPidsLimit),
    log: {
      path: directories.log({ namespace, name, uid }, container.name, attempt),
      maxBytes: settings.logMaxBytes,
      maxFiles: settings.logMaxFiles,
    },
    annotations: pod.metadata.annotations,
  };
}

function toVariable([name, value]: readonly [string, string]) {
  return { name, value };
}

async function networkOf(
  { components, manifest, podIPs }: PodContext,
  options: AbortOptions,
): Promise<ContainerNetwork | undefined> {
  const { settings, routes } = components;
  if (settings.network === undefined) return undefined;
  const pod = manifest.current;
  const network = containerNetwork(pod, podIPs, settings.network);
  return { ...network, ...(await routes?.open(pod, podIPs, options)) };
}

async function variablesOf(
  { manifest, components, podIPs, volumes }: PodContext,
  container: PodContainer,
  options: AbortOptions,
): Promise<ReadonlyMap<string, string>> {
  const pod = manifest.current;
  return resolveEnvironment(
    {
      pod,
      container,
      podIPs,
      node: components.node,
      objects: components.objects,
      serviceVariables: await components.services.of(pod, options),
      volumes: new Map([...volumes.mounted].map(([name, { path }]) => [name, path])),
    },
    options,
  );
}

function commandOf({ command, args }: PodContainer, variables: ReadonlyMap<string, string>) {
  const expand = (text: string) => expandVariables(text, variables);
  return {
    ...(command.length === 0 ? {} : { command: command.map(expand) }),
    ...(args.length === 0 ? {} : { args: args.map(expand) }),
  };
}

function portsOf({ ports }: PodContainer): readonly ContainerPort[] {
  return ports.flatMap(({ name, containerPort, protocol, hostPort, hostIP }) =>
    protocol === 'SCTP'
      ? []
      : [
          {
            name,
            containerPort,
            protocol,
            ...(hostPort === undefined ? {} : { hostPort }),
            ...(hostIP === undefined ? {} : { hostIP }),
          },
        ],
  );
}

/** A limit of zero is none. */
function resourcesOf(
  { resources: { limits } }: PodContainer,
  pids: number | undefined,
): ContainerResources {
  const memoryBytes = quantityUnits(limits.memory ?? '0');
  const cpuMillis = quantityMillis(limits.cpu ?? '0');
  return {
    ...(memoryBytes === 0 ? {} : { memoryBytes }),
    ...(cpuMillis === 0 ? {} : { cpuMillis }),
    ...(pids === undefined ? {} : { pids }),
  };
}
