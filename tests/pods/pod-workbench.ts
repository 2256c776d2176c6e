import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ProcessProvider } from '../../examples/provider/process-provider.ts';
import { Store } from '../../src/krator/cache/store.ts';
import { ImageError } from '../../src/kubelet/images/image-error.ts';
import type { ImageRequest, ImageSource } from '../../src/kubelet/images/image-source.ts';
import { PodImages } from '../../src/kubelet/images/pod-images.ts';
import { PodAddresses } from '../../src/kubelet/network/pod-addresses.ts';
import { RestingAddresses } from '../../src/kubelet/network/resting-addresses.ts';
import { parsePod } from '../../src/kubelet/pods/parse-pod.ts';
import { defaultPodSettings, type PodSettings } from '../../src/kubelet/pods/pod-components.ts';
import { PodDirectories } from '../../src/kubelet/pods/pod-directories.ts';
import type { PodAdmission, PodEvent } from '../../src/kubelet/pods/pod-ports.ts';
import { PodRunner } from '../../src/kubelet/pods/pod-runner.ts';
import type { Pod } from '../../src/kubelet/pods/schema/pod.ts';
import type { PodStatus } from '../../src/kubelet/pods/schema/pod-status.ts';
import { ProbeScheduler } from '../../src/kubelet/probes/probe-scheduler.ts';
import { type Provider, ProviderError } from '../../src/kubelet/provider.ts';
import { LocalAdmission } from '../../src/kubelet/standalone/local-admission.ts';
import { LocalPods } from '../../src/kubelet/standalone/local-pods.ts';
import { ManifestObjects } from '../../src/kubelet/standalone/manifest-objects.ts';
import type { RunPodsComponents } from '../../src/kubelet/standalone/run-pods.ts';
import { systemClock } from '../../src/kubernetes/clock.ts';

const patience = 10_000;

export interface PodWorkbenchInit {
  /** @default containers are programs of this machine */
  readonly provider?: Provider;
  readonly settings?: Partial<PodSettings>;
  readonly images?: Partial<ImageSource>;
  /** @default every pod is taken */
  readonly admission?: PodAdmission;
  /** @default 127.64.0.0/16 */
  readonly podCIDR?: string;
}

/** Pods on this machine with real processes, files and addresses, and nothing around them. */
export class PodWorkbench implements AsyncDisposable {
  readonly directory: string;
  readonly objects = new ManifestObjects();
  readonly store = new Store<Pod, string>();
  readonly directories: PodDirectories;
  /** Every state that a pod entered, as `pod:State`. */
  readonly states: string[] = [];
  readonly events: PodEvent[] = [];
  /** Every status that was written. */
  readonly statuses: PodStatus[] = [];
  readonly #init: PodWorkbenchInit;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  static async create(init: PodWorkbenchInit = {}): Promise<PodWorkbench> {
    return new PodWorkbench(await mkdtemp(path.join(tmpdir(), 'krustlet-pods-')), init);
  }

  /** Another life over the same directory, with the pods as they are now. */
  async again(init: PodWorkbenchInit, pods = this.store.list()): Promise<PodWorkbench> {
    await this.leave();
    const next = new PodWorkbench(this.directory, init);
    for (const pod of pods) next.store.put(pod);
    next.start();
    return next;
  }

  constructor(directory: string, init: PodWorkbenchInit) {
    this.directory = directory;
    this.directories = new PodDirectories(directory, { memory: path.join(directory, 'memory') });
    this.#init = init;
  }

  /** Adds a pod of this spec, and runs pods from then on. */
  async add(spec: object, metadata: object = {}, status: object = {}): Promise<Pod> {
    const uid = crypto.randomUUID();
    const pod = parsePod({ metadata: { name: 'p', uid, ...metadata }, spec, status });
    this.store.put(pod);
    this.start();
    return pod;
  }

  /** Runs pods from now on. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** The pod's newest version. */
  pod(name = 'p'): Pod {
    const pod = this.store.get(`default/${name}`);
    if (pod === undefined) throw new Error(`pod "${name}" is gone`);
    return pod;
  }

  /** Waits until the pod's status is as wanted. */
  async until(wanted: (status: PodStatus) => boolean, name = 'p'): Promise<PodStatus> {
    await this.eventually(
      () => wanted(this.pod(name).status),
      () => this.pod(name).status,
    );
    return this.pod(name).status;
  }

  /** Waits until something is so; `seen` is shown where it never is. */
  async eventually(isSo: () => boolean | Promise<boolean>, seen: () => unknown): Promise<void> {
    const deadline = Date.now() + patience;
    while (!(await isSo())) {
      if (Date.now() > deadline) {
        throw new Error(`waited in vain; last seen: ${JSON.stringify(seen(), null, 1)}`);
      }
      await systemClock.sleep(10);
    }
  }

  /** Deletes a pod as an API server does, and waits until it is gone. */
  async delete(graceSeconds?: number, name = 'p'): Promise<void> {
    const pod = this.pod(name);
    const deletionGracePeriodSeconds = graceSeconds ?? pod.spec.terminationGracePeriodSeconds;
    const deletionTimestamp = new Date().toISOString();
    this.store.put({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp, deletionGracePeriodSeconds },
    });
    const key = `default/${name}`;
    await this.eventually(
      () => this.store.get(key) === undefined,
      () => this.store.get(key),
    );
  }

  /** Aborts when nobody looks after pods any more. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Ends looking after pods, as when the daemon ends; containers go on. */
  async leave(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stop.signal.aborted) {
      for (const { metadata } of this.store.list()) await this.delete(0, metadata.name);
      await this.leave();
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  /** What pods are run with, their source left out. */
  async components(): Promise<RunPodsComponents> {
    const clock = systemClock;
    const events = { record: (event: PodEvent) => void this.events.push(event) };
    const { objects, directories } = this;
    const provider = this.#init.provider ?? new ProcessProvider();
    const { runtimeHandlers } = await provider.describe();
    const source = { ...presentImages, ...this.#init.images };
    const cidrs = [this.#init.podCIDR ?? '127.64.0.0/16'];
    return {
      provider,
      images: new PodImages({ source, objects, events, now: () => clock.now() }),
      objects,
      network: new PodAddresses(
        { resting: new RestingAddresses({ clock }) },
        { cidrs, hostIPs: [] },
      ),
      admission: this.#init.admission ?? new LocalAdmission(runtimeHandlers),
      events,
      services: { of: async () => new Map() },
      probes: new ProbeScheduler({ clock }),
      node: { nodeName: 'n', hostIPs: ['127.0.0.1'], allocatable: { cpu: '2' } },
      directories,
      settings: {
        ...defaultPodSettings,
        defaultUser: { uid: 65534, gid: 65534, groups: [] },
        ...this.#init.settings,
      },
      clock,
    };
  }

  async #run(): Promise<void> {
    const { store } = this;
    const pods = new LocalPods(store, (pod) => void this.statuses.push(pod.status));
    const runner = new PodRunner(
      { ...(await this.components()), pods, store },
      { onEnter: (state, pod) => this.states.push(`${pod.metadata.name}:${state}`) },
    );
    await runner.run({ signal: this.#stop.signal });
  }
}

/** A provider whose containers never start. */
export function unstartable(): Provider {
  const start = async () => {
    throw new ProviderError('RunContainerError', 'no room');
  };
  return Object.assign(new ProcessProvider(), { start });
}

/** Every image is here: its reference is the path of the program. */
const presentImages: ImageSource = {
  image: async (reference: string, _request: ImageRequest) => ({
    reference,
    digest: `sha256:${'0'.repeat(64)}`,
    path: reference,
    entrypoint: [],
    cmd: [],
    env: [],
    size: 0,
  }),
  directory: async (reference: string) => {
    throw new ImageError('ErrImagePull', `no image "${reference}"`);
  },
};
