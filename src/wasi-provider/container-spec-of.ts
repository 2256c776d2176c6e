import { type ContainerConfig, ProviderError } from '../kubelet/provider.ts';
import type {
  ContainerSpec,
  ListenerSpec,
  SandboxMode,
  StdinMode,
} from '../runtime/container-spec.ts';
import { argumentList } from './argument-list.ts';
import { containerLabels, type Keeper } from './container-labels.ts';
import { httpSpecOf } from './http-spec-of.ts';
import { networkSpecOf } from './network-spec-of.ts';
import { podAnnotations, refuseUnknownAnnotations, unusable } from './pod-annotations.ts';
import { runtimeHandlers } from './runtime-handlers.ts';

export interface ContainerSpecInit {
  /** @default 'required' */
  readonly sandbox?: SandboxMode;
  /** Absolute path of wasmtime's program. @default there is none */
  readonly wasmtime?: string;
  /** @default 'node' */
  readonly keeper?: Keeper;
}

/**
 * Says to the runtime what the kubelet wants to run.
 *
 * @throws {ProviderError} where the runtime handler is not one of this provider's, or for an annotation
 * that cannot be used
 */
export function containerSpecOf(
  config: ContainerConfig,
  { sandbox = 'required', wasmtime, keeper = 'node' }: ContainerSpecInit = {},
): ContainerSpec {
  const handler = runtimeHandlers[config.runtimeHandler];
  if (handler === undefined) {
    const known = Object.keys(runtimeHandlers).filter((name) => name !== '');
    throw new ProviderError(
      'CreateContainerConfigError',
      `runtime handler "${config.runtimeHandler}" is not known: use ${known.join(', ')}`,
    );
  }
  refuseUnknownAnnotations(config.annotations);
  const { engine } = handler;
  const http = httpSpecOf(config);
  const network = networkSpecOf(config, http.egress);
  return {
    id: config.id,
    engine,
    ...(engine === 'wasmtime' && wasmtime && { enginePath: wasmtime }),
    trustDomain: config.pod.namespace,
    start: asksForIsolation(config.annotations) ? 'exec' : handler.start,
    modulePath: config.image.path,
    ...(config.image.preparedPath !== undefined && { preparedPath: config.image.preparedPath }),
    args: argumentList(config),
    env: environmentOf(config),
    workingDir: config.workingDir ?? (config.image.workingDir || '/'),
    mounts: config.mounts.map(({ containerPath, ...mount }) => ({
      ...mount,
      guestPath: containerPath,
    })),
    listeners: http.cgi ? [] : listenersOf(config),
    http,
    ...(network && { network }),
    stdin: stdinOf(config),
    tty: config.tty,
    user: config.user,
    limits: config.resources,
    log: config.log,
    sandbox,
    labels: containerLabels(config, keeper),
  };
}

/** Never the opposite: a RuntimeClass that isolates is not the pod's to change. */
function asksForIsolation(annotations: ContainerConfig['annotations']): boolean {
  const form = annotations[podAnnotations.containerStart] ?? 'fork';
  if (form === 'exec' || form === 'fork') return form === 'exec';
  throw unusable(`annotation ${podAnnotations.containerStart}`, form, 'exec or fork');
}

/**
 * The image's variables, those of the pod over them. HOSTNAME is there as other runtimes have it: WASI has
 * no call for it, and the pods of a StatefulSet know by it which they are.
 */
function environmentOf({ hostname, image, env }: ContainerConfig): ContainerSpec['env'] {
  const all = new Map([...image.env, ...env].map(({ name, value }) => [name, value]));
  if (!all.has('HOSTNAME')) all.set('HOSTNAME', hostname);
  return [...all].map(([name, value]) => ({ name, value }));
}

/** WASI preview 1 has no datagrams: a UDP port is only information. */
function listenersOf({ ports, podIPs }: ContainerConfig): readonly ListenerSpec[] {
  const [address = '0.0.0.0'] = podIPs;
  return ports
    .filter(({ protocol }) => protocol === 'TCP')
    .map(({ name, containerPort: port }) => ({ name: name || String(port), address, port }));
}

function stdinOf({ stdin, stdinOnce }: ContainerConfig): StdinMode {
  if (!stdin) return 'closed';
  return stdinOnce ? 'once' : 'open';
}
