import { GuestAnswers } from '../../../../wasi/component/http/guest-answers.ts';
import {
  type Answer,
  RequestServer,
  type RequestServerInit,
} from '../../../../wasi/component/http/request-server.ts';
import { SuspendingWaiter } from '../../../../wasi/component/io/suspending-waiter.ts';
import { loadProgram } from '../../../../wasi/component/load-program.ts';
import { InstancePool } from '../../../../wasi/component/pool/instance-pool.ts';
import { ThreadDemand } from '../../../../wasi/component/threads/thread-demand.ts';
import { serverMemory } from '../../../../wasi/component/threads/thread-memory.ts';
import { ThreadedServer } from '../../../../wasi/component/threads/threaded-server.ts';
import type { World } from '../../../../wasi/component/world.ts';
import { duplicate } from '../../../../wasi/libc/process.ts';
import { NativeSystem } from '../../../../wasi/native/native-system.ts';
import { requestLimits } from '../../serving-init.ts';
import { rehearsalComponent } from './rehearsal-component.ts';
import { longPath } from './rehearsal-requests.ts';
import { rehearseServing } from './rehearse-serving.ts';

/** What containers have that may use several threads, as most do, and what they have that may not. */
const servers = [threadedServer, plainServer, threadedServer];
const times = 4;

/**
 * Rehearsals of HTTP: each serves requests over connections of this machine to itself, and takes less than a tenth
 * of a second. What V8 compiles and notes for that, the containers of this fork server share. There are several
 * servers and guests, as V8 would else take one for the only one.
 */
export function rehearseHttp(): readonly (() => Promise<void>)[] {
  const rehearsals = servers.map((serverFor) => {
    const guest = newGuest();
    return () => rehearseServing(serverFor(guest));
  });
  return Array.from({ length: times }, () => rehearsals).flat();
}

function newGuest(): Answer {
  const program = loadProgram(rehearsalComponent());
  const pool = new InstancePool({ program, world: emptyWorld() });
  const { answer } = new GuestAnswers({ pool }, servingInit);
  return (exchange) => {
    if (exchange.request.url === longPath) compute();
    return answer(exchange);
  };
}

/** Longer than other requests are not made to wait for, see `ArrivalOrder`. */
function compute(): void {
  const end = performance.now() + 0.6;
  while (performance.now() < end);
}

/** As in containers, see `openHttpServer`: V8 tells objects by which properties they have. */
const servingInit: RequestServerInit = { ...requestLimits({}, nothing), onQuiet: nothing };

function plainServer(answer: Answer): RequestServer {
  return new RequestServer({ answer, limitComputing: nothing }, servingInit);
}

/** A part is over before it could be so busy that there were threads. */
function threadedServer(answer: Answer): RequestServer {
  const components = {
    answer,
    duplicate,
    limitComputing: nothing,
    start: noThread,
    seize: noThread,
    idleProcessors: () => 0,
  };
  const demand = new ThreadDemand({ most: 1 });
  return new ThreadedServer({ ...components, memory: serverMemory(), demand }, servingInit);
}

function nothing(): void {}

function noThread(): never {
  throw new Error('Cannot start a thread in a rehearsal');
}

function emptyWorld(): World {
  const system = new NativeSystem();
  const nowhere = { write: () => 0 };
  return {
    system,
    arguments: [],
    environment: [],
    workingDirectory: undefined,
    stdin: undefined,
    stdout: nowhere,
    stderr: nowhere,
    preopens: [],
    configuration: new Map(),
    waiter: new SuspendingWaiter(system),
    http: undefined,
  };
}
