import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ContainerSpec } from '../container-spec.ts';
import {
  ContainerStartError,
  type ContainerStarter,
  type StartedContainer,
  type StartOptions,
} from '../container-starter.ts';
import { needsEventLoop } from '../engines/component/needs-event-loop.ts';
import { launchZygote } from '../launcher/launch-zygote.ts';
import { type AskOptions, askZygote } from './ask-zygote.ts';
import type { ZygoteConfigInput } from './zygote-config.ts';
import type { StartReply, StartRequest, ZygoteStatus } from './zygote-protocol.ts';
import { zygoteMain } from './zygote-scripts.ts';

const attempts = 3;
const launchTimeout = 15_000;

export interface ZygoteStarterInit {
  /** Directory for the zygotes' sockets, made with mode 0700. */
  readonly directory: string;
  /** Version of the software: another one gets zygotes of its own. */
  readonly version: string;
  /** Script that is the zygote. @default the one with all engines */
  readonly main?: string;
  /** Passed on to the zygotes that this starter launches. */
  readonly config?: Omit<ZygoteConfigInput, 'socket' | 'title' | 'version'>;
}

/** Starts containers through the zygote of their trust domain, and that zygote where there is none. */
export class ZygoteStarter implements ContainerStarter {
  readonly #init: Required<ZygoteStarterInit>;
  readonly #launches = new Map<string, Promise<void>>();

  constructor(init: ZygoteStarterInit) {
    this.#init = { main: zygoteMain, config: {}, ...init };
  }

  async start(
    spec: ContainerSpec,
    directory: string,
    { cgroups = [], ready, signal = new AbortController().signal }: StartOptions = {},
  ): Promise<StartedContainer> {
    signal.throwIfAborted();
    const { trustDomain } = spec;
    const request: StartRequest = {
      kind: 'start',
      form: spec.start,
      eventLoop: needsEventLoop(spec),
      directory,
      cgroups: [...cgroups],
      held: ready !== undefined,
    };
    const reply = await this.#ask(trustDomain, request, { signal, ...(ready && { ready }) });
    if (reply.kind === 'failed') throw new ContainerStartError(reply.code, reply.message);
    const { kind: _, ...started } = reply;
    return started;
  }

  /** What the zygote of a trust domain says of itself; `undefined` where there is none. */
  async status(trustDomain: string): Promise<ZygoteStatus | undefined> {
    const reply = await askZygote(this.#socketOf(trustDomain), { kind: 'status' });
    return reply?.kind === 'status' ? reply : undefined;
  }

  /** A zygote may retire between any two steps; the next one found or launched is as good. */
  async #ask(
    trustDomain: string,
    request: StartRequest,
    options: AskOptions & { readonly signal: AbortSignal },
  ): Promise<StartReply> {
    const socket = this.#socketOf(trustDomain);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const reply = await askZygote(socket, request, options);
      if (reply !== undefined && reply.kind !== 'status') return reply;
      await untilAborted(this.#launchOnce(trustDomain, socket), options.signal);
    }
    throw new ContainerStartError('ZygoteUnavailable', `Cannot reach the zygote at '${socket}'`);
  }

  /** Callers who find no zygote at the same time share one launch. */
  async #launchOnce(trustDomain: string, socket: string): Promise<void> {
    const launch = this.#launches.get(socket) ?? this.#launch(trustDomain, socket);
    this.#launches.set(socket, launch);
    try {
      await launch;
    } finally {
      this.#launches.delete(socket);
    }
  }

  async #launch(trustDomain: string, socket: string): Promise<void> {
    const { directory, main, version, config } = this.#init;
    try {
      makePrivateDirectory(directory);
      await launchZygote(
        {
          main,
          config: { ...config, socket, version, title: `krustlet-zygote: ${trustDomain}` },
          errorLog: path.join(directory, 'zygote.log'),
        },
        { signal: AbortSignal.timeout(launchTimeout) },
      );
    } catch (error) {
      throw new ContainerStartError('ZygoteUnavailable', 'Cannot start a zygote', { cause: error });
    }
  }

  #socketOf(trustDomain: string): string {
    const { directory, version, main, config } = this.#init;
    const identity = [trustDomain, version, process.version, main, config.containerStart].join(
      '\n',
    );
    const name = createHash('sha256').update(identity).digest('hex').slice(0, 16);
    return path.join(directory, `${name}.sock`);
  }
}

/** Whoever can enter the directory can start containers as its owner. */
function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { mode, uid } = statSync(directory);
  if ((mode & 0o077) === 0 && uid === process.geteuid?.()) return;
  throw new Error(`Cannot keep sockets in '${directory}': others than its owner may enter it`);
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
