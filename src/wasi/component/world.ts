import type { System } from '../system/system.ts';
import type { OutgoingHttp } from './http/outgoing-http.ts';
import type { OutputSink } from './io/output-sink.ts';
import type { Waiter } from './io/waiter.ts';
import type { GuestNetwork } from './sockets/guest-network.ts';

/** What a component is given: the same for every request and every instance. */
export interface World {
  readonly system: System;
  readonly arguments: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
  /** The guest's idea of its working directory, if it shall have one. */
  readonly workingDirectory: string | undefined;
  /** Handle of the system that standard input is read from; undefined for an input that is at its end. */
  readonly stdin: number | undefined;
  readonly stdout: OutputSink;
  readonly stderr: OutputSink;
  readonly preopens: readonly Preopen[];
  /** What wasi:config answers. */
  readonly configuration: ReadonlyMap<string, string>;
  /** How blocking functions wait. */
  readonly waiter: Waiter;
  /** Sends requests for wasi:http/outgoing-handler; undefined refuses them all. */
  readonly http: OutgoingHttp | undefined;
  /** What wasi:sockets reaches; without it every socket and every name is refused. */
  readonly network?: GuestNetwork | undefined;
}

/** A directory that the guest finds open, under a path of its own. */
export interface Preopen {
  readonly guestPath: string;
  readonly handle: number;
  readonly readOnly: boolean;
  /** For a mount of a single file: its name in the directory, of which nothing else is to be seen. */
  readonly onlyFile?: string;
}
