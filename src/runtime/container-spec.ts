/**
 * What a container process is told: everything it needs, nothing it has to ask for. Written as
 * `spec.json` in the container's directory and sent to the zygote.
 */
export interface ContainerSpec {
  /** Unique on this machine; also the name of the container's directory. */
  readonly id: string;
  readonly engine: EngineName;
  /** Absolute path of the engine's program, where the engine is one: wasmtime's. */
  readonly enginePath?: string;
  /** Which trust domain the container belongs to: containers of one domain share a zygote. */
  readonly trustDomain: string;
  /** `fork` from the domain's zygote, or `exec` a process that shares nothing with its siblings. */
  readonly start: StartForm;
  /** Absolute path of the WebAssembly binary. */
  readonly modulePath: string;
  /** Absolute path of what was made of the binary when it was pulled: V8 starts from it. */
  readonly preparedPath?: string;
  /** Arguments, args[0] included. */
  readonly args: readonly string[];
  /** Environment in the order the guest sees it. */
  readonly env: readonly EnvironmentVariable[];
  /** Absolute guest path that relative guest paths start from. @default '/' */
  readonly workingDir: string;
  readonly mounts: readonly MountSpec[];
  /** TCP sockets the runtime listens on and hands to the guest, in this order, as descriptors from 3 on. */
  readonly listeners: readonly ListenerSpec[];
  /** For components that serve HTTP or send requests; modules take no notice of it. */
  readonly http?: HttpSpec;
  /**
   * What a component's sockets reach; without it every socket and every name is refused. Of a
   * module's it says who is let in.
   */
  readonly network?: NetworkSpec;
  readonly stdin: StdinMode;
  readonly tty: boolean;
  readonly user: UserSpec;
  readonly limits: LimitsSpec;
  readonly log: LogSpec;
  readonly sandbox: SandboxMode;
  /**
   * Present for a program whose stdio is the caller's: one that somebody runs beside a container, as
   * `kubectl exec` does, or a container in the foreground.
   */
  readonly exec?: ExecSpec;
  /** Free-form, kept for whoever lists containers; the runtime never reads them. */
  readonly labels: Readonly<Record<string, string>>;
}

export const engineNames = ['v8', 'wasmtime'] as const;
export type EngineName = (typeof engineNames)[number];

export type StartForm = 'fork' | 'exec';

/** `closed`: end of file at once. `open`: whoever attaches may write. `once`: closed after the first writer. */
export type StdinMode = 'closed' | 'open' | 'once';

/** `required`: a part of the sandbox that is unavailable refuses the start. */
export type SandboxMode = 'required' | 'best-effort';

/**
 * A program in another container's mounts, environment and sandbox, whose stdio is the caller's:
 * it writes no log, and its spec's `stdin` and `log` mean nothing.
 */
export interface ExecSpec {
  /**
   * `module` runs the spec's module; `main` does so as the container itself, in the foreground, which
   * serves if it is a server; `mounted` runs a module that lies below one of the mounts, where guests
   * may change it at any time; `builtin` runs the command of the runtime that args[0] names.
   */
  readonly program: 'main' | 'module' | 'mounted' | 'builtin';
  readonly stdio: ExecStdio;
}

/**
 * `pipes`: absolute paths of FIFOs that the process opens (stdin for reading, the others for
 * writing) before it reports its start; an absent one is /dev/null.
 * `terminal`: absolute path of the pseudo-terminal that becomes its controlling terminal and all
 * of its stdio.
 */
export type ExecStdio =
  | {
      readonly kind: 'pipes';
      readonly stdin?: string;
      readonly stdout?: string;
      readonly stderr?: string;
    }
  | { readonly kind: 'terminal'; readonly path: string };

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

export interface MountSpec {
  /** Absolute path on the host of a directory or file. */
  readonly hostPath: string;
  /**
   * Path from the directory `hostPath` to what is mounted. The container process follows it and
   * never leaves the directory, whatever is changed on the way meanwhile. @default the whole
   */
  readonly subPath?: string;
  /** Absolute path in the guest. */
  readonly guestPath: string;
  readonly readOnly: boolean;
}

export interface ListenerSpec {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface HttpSpec {
  /** Where a component that serves HTTP listens. */
  readonly listen: {
    readonly address: string;
    /** At the same port. */
    readonly otherAddresses?: readonly string[];
    readonly port: number;
  };
  readonly serving: HttpServingSpec;
  /** Whether a module answers requests there, run anew for each as a CGI program. @default false */
  readonly cgi?: boolean;
  /** Where the guest may send requests to: nowhere without a rule. */
  readonly egress: readonly EgressRuleSpec[];
  /** Requests of the guest's own that wait for their response. @default 100 */
  readonly maximumOutgoing?: number;
}

/** How a component serves. The defaults are those of the HTTP server. */
export interface HttpServingSpec {
  /** Requests that run at once; more wait. */
  readonly maximumConcurrency?: number;
  /** Milliseconds from a request's head to the end of its handler. */
  readonly requestTimeout?: number;
  /** The most bytes of a request's body. */
  readonly maximumBodySize?: number;
  /** Whether every request is noted on standard error. @default false */
  readonly accessLog?: boolean;
  /** Whether a request may find what an earlier one left in the guest's memory. @default false */
  readonly shareState?: boolean;
  /** The most threads that answer requests while there are many. @default see `mostThreads` */
  readonly threads?: number;
}

/** The network of a pod, as its components see it. */
export interface NetworkSpec {
  /** The pod's addresses: what the guest binds, and what its connections come from. */
  readonly addresses: readonly string[];
  /** Ports that sockets may be bound to, beside some that is free. @default every one */
  readonly ports?: readonly number[];
  /** Where sockets may connect to. @default anywhere but to what is guarded */
  readonly egress?: readonly EgressRuleSpec[];
  /** Doors of the node itself, which only a rule that means them opens. */
  readonly guarded: readonly GuardedSpec[];
  /** Absolute path of a directory with a file for each address of a Service, see `ServiceTable`. */
  readonly services?: string;
  /** Absolute path of a directory with the rules of the pod's NetworkPolicies, see `PeerPolicy`. */
  readonly peers?: string;
  readonly dns: DnsSpec;
  /** Names that are known without asking: what the pod's hosts file says. */
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[];
}

/** Ranges of addresses, on ports; on all without. */
export interface GuardedSpec {
  readonly cidrs: readonly string[];
  readonly ports?: readonly number[];
}

/** What the pod's resolv.conf says. */
export interface DnsSpec {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly ndots?: number;
  /** Seconds that a server has to answer. */
  readonly timeout?: number;
  readonly attempts?: number;
}

/** A permission to connect: to hosts by name, or to ranges of addresses; on ports. */
export interface EgressRuleSpec {
  /** `example.org`, `*.example.org` or `*`. */
  readonly hosts?: readonly string[];
  /** `10.0.0.0/8`, `2001:db8::/32`. */
  readonly cidrs?: readonly string[];
  /** @default every port */
  readonly ports?: readonly number[];
}

export interface UserSpec {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface LimitsSpec {
  /** Bytes of memory, of the guest and its process. */
  readonly memoryBytes?: number;
  /** Thousandths of a core. */
  readonly cpuMillis?: number;
  /** Processes and threads. */
  readonly pids?: number;
}

export interface LogSpec {
  /** Absolute path of the log file, in CRI format. */
  readonly path: string;
  /** Size in bytes at which the file is rotated. */
  readonly maxBytes: number;
  /** How many files are kept, the current one included. */
  readonly maxFiles: number;
}
