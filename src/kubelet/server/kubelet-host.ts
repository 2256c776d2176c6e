import type { LogOnDisk } from '../logs/log-files.ts';
import type { Container } from '../provider.ts';

/** What the server needs to know of the kubelet behind it. */
export interface KubeletHost {
  /** The pods bound to this node, as objects of the API, static ones included. */
  pods(): readonly object[];
  /** The pods that have a container running, as objects of the API. */
  runningPods(): readonly object[];
  /** A pod by name; with a uid, only that pod. `undefined` where there is none. */
  findPod(name: PodName): ServedPod | undefined;
  /** Throws where the loop that keeps the pods in order has come to a stop. */
  checkSyncLoop(): void;
  /** The kubelet's configuration, as `/configz` shows it; without secrets. */
  configuration(): object;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
}

export interface ServedPod {
  /** Where the pod's ports are reached; `undefined` while it has no address. */
  readonly address: string | undefined;
  /** The TCP ports that are the pod's at its address; `undefined` where all of them are. */
  readonly ports: ReadonlySet<number> | undefined;
  /** A container of the pod, init containers included; `undefined` where there is none. */
  findContainer(name: string): ServedContainer | undefined;
  /** Name of the container that is meant where a request names none. */
  readonly defaultContainer: string;
}

export interface ServedContainer {
  /** The newest attempt; `undefined` before the first one has started. */
  readonly current: Container | undefined;
  /** Why it waits to be started, as its status has it; `undefined` where it does not. */
  readonly waitingReason: string | undefined;
  /** Why it never starts; absent where it may. */
  readonly refusal?: string;
  /** Log of the newest attempt, or of the one before; `undefined` where there is none. */
  log(options: { readonly previous: boolean }): LogOnDisk | undefined;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly tty: boolean;
}
