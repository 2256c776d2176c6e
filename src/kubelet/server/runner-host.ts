import type { Store } from '../../krator/cache/store.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { ContainerLife } from '../containers/container-life.ts';
import { forwardablePorts } from '../network/forwardable-ports.ts';
import type { PodContext } from '../pods/pod-context.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';
import type { PodRunner } from '../pods/pod-runner.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { cannotDebug } from '../pods/status/compute-status.ts';
import type { MeasuredPod } from '../stats/stats-collector.ts';
import type { KubeletHost, PodName, ServedContainer, ServedPod } from './kubelet-host.ts';

export interface RunnerHostComponents {
  readonly runner: PodRunner;
  readonly store: Store<Pod, string>;
  readonly directories: PodDirectories;
  /** Why the node cannot keep its pods in order now; `undefined` while it can. */
  readonly trouble: () => string | undefined;
  readonly configuration: () => object;
}

/** What the server shows of the pods that a runner runs. */
export class RunnerHost implements KubeletHost {
  readonly #components: RunnerHostComponents;

  constructor(components: RunnerHostComponents) {
    this.#components = components;
  }

  pods(): readonly object[] {
    return this.#components.store.list().map((pod) => this.#withStatus(pod));
  }

  runningPods(): readonly object[] {
    const running = this.#contexts().filter(({ context }) => runningOf(context).length > 0);
    return running.map(({ pod }) => this.#withStatus(pod));
  }

  findPod({ namespace, name, uid }: PodName): ServedPod | undefined {
    const key = keyOf({ metadata: { namespace, name } });
    const pod = this.#components.store.get(key);
    const context = this.#components.runner.context(key);
    if (pod === undefined || context === undefined) return undefined;
    if (uid !== undefined && pod.metadata.uid !== uid) return undefined;
    return this.#served(pod, context);
  }

  checkSyncLoop(): void {
    const trouble = this.#components.trouble();
    if (trouble !== undefined) throw new Error(trouble);
  }

  configuration(): object {
    return this.#components.configuration();
  }

  /** How many pods have a container running, and how many containers run. */
  runningCounts(): { readonly pods: number; readonly containers: number } {
    const counts = this.#contexts().map(({ context }) => runningOf(context).length);
    return {
      pods: counts.filter((count) => count > 0).length,
      containers: counts.reduce((sum, count) => sum + count, 0),
    };
  }

  /** The pods that use something of the node now, for whoever measures them. */
  measured(): readonly MeasuredPod[] {
    return this.#contexts().map(({ pod, context }) => {
      const { namespace, name, uid } = pod.metadata;
      return {
        namespace,
        name,
        uid,
        startedAt: new Date(context.startedAt),
        containers: runningOf(context),
        volumes: volumesOf(context),
      };
    });
  }

  #contexts(): readonly { readonly pod: Pod; readonly context: PodContext }[] {
    const { store, runner } = this.#components;
    return store.list().flatMap((pod) => {
      const context = runner.context(keyOf(pod));
      return context === undefined ? [] : [{ pod, context }];
    });
  }

  #withStatus(pod: Pod): Pod {
    const context = this.#components.runner.context(keyOf(pod));
    return context === undefined ? pod : { ...pod, status: context.status.current };
  }

  #served(pod: Pod, context: PodContext): ServedPod {
    const [address] = context.podIPs;
    const { hostIPs } = context.components.node;
    return {
      address,
      ports: address === undefined ? undefined : forwardablePorts(pod, address, hostIPs),
      defaultContainer:
        pod.metadata.annotations['kubectl.kubernetes.io/default-container'] ??
        pod.spec.containers[0]?.name ??
        '',
      findContainer: (name) => {
        const life = context.containers.get(name);
        return life ? this.#servedContainer(pod, life, context) : refusedContainer(pod, name);
      },
    };
  }

  #servedContainer(
    pod: Pod,
    life: ContainerLife,
    { components, status }: PodContext,
  ): ServedContainer {
    const { stdin, stdinOnce, tty } = life.spec;
    const { initContainerStatuses, containerStatuses } = status.current;
    const all = [...initContainerStatuses, ...containerStatuses];
    return {
      current: life.record.running,
      waitingReason: all.find(({ name }) => name === life.name)?.state.waiting?.reason,
      stdin,
      stdinOnce,
      tty,
      log: ({ previous }) => {
        const { hasRun, observation } = life.record;
        // Between two starts the one that has ended is the newest and the previous one as well.
        const isBetween = observation.state.waiting !== undefined;
        const attempt = observation.restartCount - (previous && !isBetween ? 1 : 0);
        if (!hasRun || attempt < 0) return undefined;
        const { directories, settings } = components;
        const path = directories.log(pod.metadata, life.name, attempt);
        return { path, maxFiles: settings.logMaxFiles };
      },
    };
  }
}

/** A container for debugging, which is in the pod's spec and never runs. */
function refusedContainer({ spec }: Pod, wanted: string): ServedContainer | undefined {
  const found = spec.ephemeralContainers.find(({ name }) => name === wanted);
  if (found === undefined) return undefined;
  const { stdin, stdinOnce, tty } = found;
  const nothing = { current: undefined, waitingReason: undefined, log: () => undefined };
  return { ...nothing, refusal: cannotDebug, stdin, stdinOnce, tty };
}

function runningOf({ containers }: PodContext) {
  return [...containers.values()].flatMap(({ record }) => record.running ?? []);
}

/** Volumes whose content is the pod's own: what lies elsewhere on the machine is not its usage. */
function volumesOf({ manifest, volumes }: PodContext): MeasuredPod['volumes'] {
  const own = manifest.current.spec.volumes.filter(
    ({ hostPath, image }) => hostPath === undefined && image === undefined,
  );
  return own.flatMap(({ name }) => {
    const directory = volumes.mounted.get(name)?.path;
    return directory === undefined ? [] : [{ name, directory }];
  });
}
