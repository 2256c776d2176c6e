import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { GuestAnswers } from '../../../wasi/component/http/guest-answers.ts';
import {
  RequestServer,
  type RequestServerInit,
} from '../../../wasi/component/http/request-server.ts';
import { SuspendingWaiter } from '../../../wasi/component/io/suspending-waiter.ts';
import type { Compiled } from '../../../wasi/component/link/program.ts';
import { compileComponent, linkWithHost } from '../../../wasi/component/load-program.ts';
import { InstancePool } from '../../../wasi/component/pool/instance-pool.ts';
import { ThreadDemand } from '../../../wasi/component/threads/thread-demand.ts';
import { serverMemory } from '../../../wasi/component/threads/thread-memory.ts';
import { ThreadedServer } from '../../../wasi/component/threads/threaded-server.ts';
import { limitComputing } from '../../../wasi/libc/computing-limit.ts';
import { duplicate } from '../../../wasi/libc/process.ts';
import { seizeDescriptor } from '../../../wasi/libc/seize-descriptor.ts';
import type { BodyEnd, OpenedBody } from '../../container/container-body.ts';
import type { ContainerSpec, HttpSpec } from '../../container-spec.ts';
import { giveMemoryBack } from '../give-memory-back.ts';
import { limitGuestMemory } from '../guest-memory-limit.ts';
import { HttpListeners } from '../http-listeners.ts';
import { eventLoopNeeds } from '../outgoing-http.ts';
import { servingInit } from '../serving-init.ts';
import { type CommandInit, exited, explainCommandEnd } from './run-command.ts';
import { IdleProcessors } from './threads/idle-processors.ts';
import { mostThreads } from './threads/most-threads.ts';
import { GuestThreadStarter } from './threads/start-guest-thread.ts';
import type { ThreadDescriptors } from './threads/thread-init.ts';
import { type ThreadSources, threadSources } from './threads/thread-sources.ts';
import { withHttp } from './with-http.ts';

export interface HttpServerInit extends CommandInit {
  readonly opened: ThreadDescriptors;
}

/** A component that serves HTTP where the spec says, until it is told to end. */
export function openHttpServer(spec: ContainerSpec, init: HttpServerInit): OpenedBody {
  const { http } = spec;
  if (http === undefined) throw new Error("Cannot serve HTTP: the spec has no 'http'");
  const listeners = new HttpListeners(http.listen);
  // Before the container is said to run: from then on it may be told to end.
  const told = once(process, 'SIGTERM');
  const world = withHttp(init.world, spec);
  const most = mostThreads(spec, availableParallelism());
  const threads = most > 1 ? openThreads(most, http) : undefined;
  const run = () => serve({ listeners, told, threads }, { spec, http }, { ...init, world });
  return { ...eventLoopNeeds(http), run };
}

interface Serving {
  readonly listeners: HttpListeners;
  /** Resolves when the container is told to end. */
  readonly told: Promise<unknown>;
  /** Undefined where all requests are answered by the thread that has the connections. */
  readonly threads: Threads | undefined;
}

interface Threads {
  readonly most: number;
  readonly sources: ThreadSources;
  /** See `ThreadedServerComponents`. */
  readonly idleProcessors: () => number;
}

function openThreads(most: number, { serving }: HttpSpec): Threads {
  const sources = threadSources.read();
  // Who says how many there shall be knows better than what the machine is doing just now.
  if (serving.threads !== undefined) return { most, sources, idleProcessors: () => Infinity };
  const processors = new IdleProcessors();
  return { most, sources, idleProcessors: () => processors.sinceLast() };
}

interface Specs {
  readonly spec: ContainerSpec;
  readonly http: HttpSpec;
}

/** Serves until it is told to end, and then until the requests that are here have been answered. */
async function serve(serving: Serving, specs: Specs, init: HttpServerInit): Promise<BodyEnd> {
  const { stdio, limits } = init;
  try {
    limitGuestMemory(limits.memoryBytes);
    const server = serverFor(serving, specs, init);
    await serving.listeners.giveTo(server);
    await serving.told;
    serving.listeners.stop();
    await server.drain();
    return exited(0);
  } catch (error) {
    return explainCommandEnd(error, init);
  } finally {
    stdio.end();
  }
}

function serverFor(
  { threads }: Serving,
  { spec, http }: Specs,
  { component: prepared, world, stdio, opened }: HttpServerInit,
): RequestServer {
  const component = compileComponent(prepared.prepare());
  const pool = poolOf(component, http, world);
  const serving: RequestServerInit = {
    ...servingInit(http, { stdio, routes: world.network?.routes }),
    onQuiet() {
      pool.trim();
      giveMemoryBack();
    },
  };
  const { answer } = new GuestAnswers({ pool }, serving);
  if (threads === undefined) return new RequestServer({ answer, limitComputing }, serving);
  const { most, sources, idleProcessors } = threads;
  const memory = serverMemory();
  const { watcher } = world.system;
  const starter = new GuestThreadStarter(spec, {
    ...{ component, stdio, opened, sources, memory, watcher },
  });
  return new ThreadedServer(
    {
      answer,
      memory,
      start: (start) => starter.start(start),
      seize: seizeDescriptor,
      duplicate,
      limitComputing,
      idleProcessors,
      demand: new ThreadDemand({ most }),
    },
    serving,
  );
}

function poolOf(
  component: Compiled,
  { serving: { shareState } }: HttpSpec,
  world: HttpServerInit['world'],
): InstancePool {
  const waiter = new SuspendingWaiter(world.system);
  return new InstancePool(
    { program: linkWithHost(component), world: { ...world, waiter } },
    shareState === undefined ? {} : { shareState },
  );
}
