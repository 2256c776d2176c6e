import { once } from 'node:events';
import type { CommandWorld } from '../../../wasi/component/command.ts';
import { HttpServer } from '../../../wasi/component/http/server.ts';
import { SuspendingWaiter } from '../../../wasi/component/io/suspending-waiter.ts';
import { loadProgram } from '../../../wasi/component/load-program.ts';
import { InstancePool } from '../../../wasi/component/pool/instance-pool.ts';
import { stopConnections } from '../../../wasi/libc/listening-socket.ts';
import type { BodyEnd, OpenedBody } from '../../container/container-body.ts';
import type { ContainerSpec, HttpSpec } from '../../container-spec.ts';
import { limitGuestMemory } from '../guest-memory-limit.ts';
import { openListener } from '../open-listener.ts';
import { eventLoopNeeds, loadClient, outgoingParts } from '../outgoing-http.ts';
import { servingInit } from '../serving-init.ts';
import { type CommandInit, exited, explainCommandEnd, loadCommand } from './run-command.ts';

export { rehearseHttp } from './rehearse-http.ts';

/** A command that waits on the event loop, and sends HTTP requests as far as the spec lets it. */
export function openEventLoopCommand(spec: ContainerSpec, init: CommandInit): OpenedBody {
  const world = withHttp(init.world, spec);
  return { ...eventLoopNeeds(spec.http), run: () => runOnEventLoop({ ...init, world }) };
}

async function runOnEventLoop(init: CommandInit): Promise<BodyEnd> {
  let command: ReturnType<typeof loadCommand> | undefined;
  try {
    command = loadCommand(init);
    return exited(await command.run());
  } catch (error) {
    return explainCommandEnd(error, init, command);
  } finally {
    init.stdio.end();
  }
}

/** A component that serves HTTP where the spec says, until it is told to end. */
export function openHttpServer(spec: ContainerSpec, init: CommandInit): OpenedBody {
  const { http } = spec;
  if (http === undefined) throw new Error("Cannot serve HTTP: the spec has no 'http'");
  const { address, port } = http.listen;
  const fd = openListener({ address, port });
  // Before the container is said to run: from then on it may be told to end.
  const told = once(process, 'SIGTERM');
  const world = withHttp(init.world, spec);
  return { ...eventLoopNeeds(http), run: () => serve({ fd, told }, http, { ...init, world }) };
}

interface Listening {
  readonly fd: number;
  /** Resolves when the container is told to end. */
  readonly told: Promise<unknown>;
}

/** Serves until it is told to end, and then until the requests that are here have been answered. */
async function serve({ fd, told }: Listening, http: HttpSpec, init: CommandInit): Promise<BodyEnd> {
  const { stdio, limits } = init;
  try {
    limitGuestMemory(limits.memoryBytes);
    const pool = poolOf(http, init);
    const routes = init.world.network?.routes;
    const server = new HttpServer({ pool }, servingInit(http, { stdio, routes }));
    await server.listen({ fd });
    await told;
    stopConnections(fd);
    await server.drain();
    return exited(0);
  } catch (error) {
    return explainCommandEnd(error, init);
  } finally {
    stdio.end();
  }
}

function poolOf({ serving }: HttpSpec, { component, world }: CommandInit): InstancePool {
  const program = loadProgram(component.prepare());
  const waiter = new SuspendingWaiter(world.system);
  const { shareState } = serving;
  return new InstancePool(
    { program, world: { ...world, waiter } },
    shareState === undefined ? {} : { shareState },
  );
}

/** The client reads the machine's certificates when it is made: before the sandbox closes. */
function withHttp(world: CommandWorld, spec: ContainerSpec): CommandWorld {
  const parts = outgoingParts(spec, world);
  if (parts === undefined) return world;
  const { UndiciHttp } = loadClient('wasi/component/http/undici-http');
  return { ...world, http: new UndiciHttp(parts.components, parts.init) };
}
