import type { Readable, Writable } from 'node:stream';

/** Whatever can wait takes a signal, last, and passes it down. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs containers for the kubelet. Everything else that makes a node (pulling, volumes,
 * environment, probes, restarts, status, log files, the server) is the kubelet's and is the same
 * for every provider.
 */
export interface Provider {
  /**
   * Says what this node is. Called once at start and again when the node object is refreshed;
   * the answer may change only with a restart.
   */
  describe(): Promise<ProviderDescription>;

  /**
   * Creates and starts a container. Called once per container and attempt; never twice with one
   * id. When it resolves, the container's process exists. Fails with a `ProviderError`.
   */
  start(config: ContainerConfig, options?: AbortOptions): Promise<Container>;

  /**
   * Lists the containers that an earlier life of this process started and that were not removed,
   * ended ones included. Called once, before any `start`.
   */
  list(options?: AbortOptions): Promise<readonly Container[]>;
}

/** An optional ability: preparing a container while something of what it is given is still missing. */
export interface PreparingProvider extends Provider {
  /**
   * As `start`, once `ready` resolves; what can be done before is done. The container's program does
   * not run earlier, whatever happens to this process meanwhile. Where `ready` rejects, so does this,
   * and nothing of the container is left.
   */
  startWhen(ready: Promise<unknown>, config: ContainerConfig): Promise<Container>;
}

/** Whether the provider has the ability. */
export function canPrepare(provider: Provider): provider is PreparingProvider {
  return 'startWhen' in provider;
}

/** A container that was started. */
export interface Container {
  readonly id: string;
  readonly config: ContainerConfig;
  readonly startedAt: Date;
  /** How the container ended; `undefined` while it has not. Known at once for one that is listed. */
  readonly exit: ContainerExit | undefined;
  /** Resolves when the container has ended, however it ended; never rejects. */
  readonly exited: Promise<ContainerExit>;

  /**
   * Asks the container to end and ends it when `graceSeconds` have passed. Resolves when it has
   * ended. May be called several times; a shorter grace wins.
   */
  stop(graceSeconds: number, options?: AbortOptions): Promise<ContainerExit>;

  /** Removes what the provider keeps of an ended container, its log excepted. Idempotent. */
  remove(): Promise<void>;

  /** Resources used now; `undefined` once the container has ended. */
  usage(): Promise<ContainerUsage | undefined>;
}

/** An optional ability: running a second program in the container's environment. */
export interface ExecContainer extends Container {
  /** Runs a program until it ends, or `signal` aborts and it is killed. @returns its exit code */
  exec(request: ExecRequest, streams: ContainerStreams, options?: AbortOptions): Promise<number>;
}

/** An optional ability: writing to the running container's stdin. Output is read from its log. */
export interface AttachContainer extends Container {
  /** Opens the container's stdin; ending the stream closes it where the container asked for that. */
  openStdin(options?: AbortOptions): Promise<Writable>;
  /** Tells a container that has a terminal its new size. */
  resize(size: TerminalSize): Promise<void>;
}

/** What a provider says of the node that it makes of this machine. */
export interface ProviderDescription {
  /** `kubernetes.io/arch`, as the node's labels and taint carry it. */
  readonly architecture: string;
  /** `status.nodeInfo.containerRuntimeVersion`, such as `krustlet://2.0.0`. */
  readonly runtimeVersion: string;
  /** Labels of the node, which go before those that every node has. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  /** Names that a RuntimeClass's `handler` may have; the empty name is the default. */
  readonly runtimeHandlers: readonly string[];
}

/** Keeps pods away that do not tolerate it. */
export interface NodeTaint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** A container as the kubelet resolved it: no reference is left to follow. */
export interface ContainerConfig {
  /** 32 hexadecimal digits, which no other container has. */
  readonly id: string;
  readonly pod: PodIdentity;
  /** As the pod's spec names it: every attempt has the same. */
  readonly name: string;
  /** 0 for the first start, one more for each restart. */
  readonly attempt: number;
  readonly image: ContainerImage;
  /** One of `ProviderDescription.runtimeHandlers`. */
  readonly runtimeHandler: string;
  /** Replaces the image's entrypoint where set, and its cmd with it. */
  readonly command?: readonly string[];
  /** Replaces the image's cmd where set. */
  readonly args?: readonly string[];
  /** Goes over the image's. */
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Goes over the image's where set. */
  readonly workingDir?: string;
  readonly mounts: readonly ContainerMount[];
  readonly ports: readonly ContainerPort[];
  /** Addresses of the pod, the primary one first; empty where the pod has none of its own. */
  readonly podIPs: readonly string[];
  /** The pod's own name, as its containers are told it. */
  readonly hostname: string;
  /** What the pod's containers know of the network; without it they are given none. */
  readonly network?: ContainerNetwork;
  /** Whether it has a stdin that somebody may attach to; else it reads its end at once. */
  readonly stdin: boolean;
  /** Whether stdin is closed after the first who attaches. */
  readonly stdinOnce: boolean;
  /** Whether its stdio is a terminal. */
  readonly tty: boolean;
  readonly user: ContainerUser;
  readonly resources: ContainerResources;
  readonly log: ContainerLog;
  /** The pod's annotations, for abilities that are switched on by one. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Which pod a container is of. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** A container's image, which is on this machine. */
export interface ContainerImage {
  /** As the pod names it. */
  readonly reference: string;
  /** `sha256:…` of the manifest, or of the file where there is no manifest. */
  readonly digest: string;
  /** Absolute path of the program on this machine. */
  readonly path: string;
  /** Absolute path of what was made of the program when it was pulled, where something is. */
  readonly preparedPath?: string;
  /** This and what follows are the image's configuration; empty where it has none. */
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly workingDir?: string;
  /** The image's USER, as it is written there; `ContainerConfig.user` says what became of it. */
  readonly user?: string;
}

/** A directory or file of this machine, as a container sees it. */
export interface ContainerMount {
  /** Absolute path of a directory or file. */
  readonly hostPath: string;
  /**
   * Path from the directory `hostPath` to what is mounted, which exists. Containers may change what
   * is on the way at any time: the provider follows it and never leaves the directory.
   */
  readonly subPath?: string;
  /** Absolute path in the container. */
  readonly containerPath: string;
  readonly readOnly: boolean;
}

/** A port that a container says it listens on. */
export interface ContainerPort {
  /** Empty where it has none. */
  readonly name: string;
  readonly containerPort: number;
  readonly protocol: 'TCP' | 'UDP';
  /** Port of the node that leads there. */
  readonly hostPort?: number;
  /** The one address of the node that it does so on. @default all */
  readonly hostIP?: string;
}

/** How names are resolved in a pod, and what of the node its pods shall not reach. */
export interface ContainerNetwork {
  /** As in `resolv.conf`. */
  readonly dns: {
    readonly nameservers: readonly string[];
    readonly searches: readonly string[];
    readonly options: readonly { readonly name: string; readonly value?: string }[];
  };
  /** Names that need no server. */
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[];
  /** Doors of the node itself: the kubelet's, and the API server's. */
  readonly guarded: readonly {
    readonly addresses: readonly string[];
    readonly ports: readonly number[];
  }[];
  /**
   * Absolute path of a directory with a file for each address of a Service, whose text `serviceFiles`
   * describes. Files are replaced as a whole at any time; an address without one is no Service's.
   */
  readonly services?: string;
  /**
   * Absolute path of a directory whose file `rules`, which is replaced as a whole at any time, says
   * whom the pod may talk to: `podRules` describes it. Without, the pod may talk to everybody.
   */
  readonly peers?: string;
}

/** Whom a container runs as. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  /** Beside `gid`. */
  readonly groups: readonly number[];
}

/** A container's limits; it has none of those that are absent. */
export interface ContainerResources {
  readonly memoryBytes?: number;
  /** Thousandths of a core. */
  readonly cpuMillis?: number;
  /** Processes and threads. */
  readonly pids?: number;
}

/**
 * Where a provider writes what a container prints, in the CRI format that `kubectl logs` reads.
 * See https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
 */
export interface ContainerLog {
  /** Absolute path of a file; its directory may have to be made. */
  readonly path: string;
  /** Size at which the file is to be rotated. */
  readonly maxBytes: number;
  /** Files that are to be kept, the current one included. */
  readonly maxFiles: number;
}

/** How a container ended. */
export interface ContainerExit {
  /** 128 and the signal's number where one ended it. */
  readonly exitCode: number;
  /** Number of the signal that ended it. */
  readonly signal?: number;
  /** As the container's status shows it. */
  readonly reason:
    | 'Completed'
    | 'Error'
    | 'OOMKilled'
    | 'ContainerCannotRun'
    | 'ContainerStatusUnknown';
  /** What there is to say beyond the reason. */
  readonly message?: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** What a container uses, as `kubectl top` and the node's metrics show it. */
export interface ContainerUsage {
  /** When it was measured. */
  readonly at: Date;
  /** CPU time used since the start, in nanoseconds. */
  readonly cpuNanos: bigint;
  /** What the kernel could not take back at once: evictions go by it. */
  readonly memoryWorkingSetBytes: number;
  /** All that is charged to the container, caches included. */
  readonly memoryUsageBytes: number;
  /** Of that, what no file holds. */
  readonly memoryRssBytes: number;
  readonly processes: number;
  /** How its processes waited for resources, where the kernel counts that. */
  readonly pressure?: PressureTexts;
}

/**
 * Pressure stall information of each resource, in the kernel's own words.
 *
 * @see https://docs.kernel.org/accounting/psi.html
 */
export interface PressureTexts {
  readonly cpu?: string;
  readonly memory?: string;
  readonly io?: string;
}

/** A program that somebody wants to run beside a container's own. */
export interface ExecRequest {
  readonly command: readonly string[];
  /** Whether stdio is one terminal; what the program writes to stderr then comes on stdout. */
  readonly tty: boolean;
}

/** The caller's side of a program's stdio; who is absent is not listened to. */
export interface ContainerStreams {
  readonly stdin?: Readable;
  /** Written to and not ended, as `stderr`. */
  readonly stdout?: Writable;
  readonly stderr?: Writable;
  /** New sizes of the caller's terminal. */
  readonly resize?: AsyncIterable<TerminalSize>;
}

/** In characters. */
export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** Why a container could not be created or started; `code` is the reason Kubernetes shows. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code: 'CreateContainerConfigError' | 'CreateContainerError' | 'RunContainerError';

  constructor(code: ProviderError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
