import { parentPort, workerData } from 'node:worker_threads';
import type { RequestServerInit } from '../../../../wasi/component/http/request-server.ts';
import { SuspendingWaiter } from '../../../../wasi/component/io/suspending-waiter.ts';
import { linkWithHost } from '../../../../wasi/component/load-program.ts';
import { InstancePool } from '../../../../wasi/component/pool/instance-pool.ts';
import { GuestThread } from '../../../../wasi/component/threads/guest-thread.ts';
import { PortWatcher } from '../../../../wasi/component/threads/port-watcher.ts';
import type { FromThread } from '../../../../wasi/component/threads/thread-messages.ts';
import { ThreadOutput } from '../../../../wasi/component/threads/thread-output.ts';
import type { World } from '../../../../wasi/component/world.ts';
import { duplicate } from '../../../../wasi/libc/process.ts';
import { NativeSystem } from '../../../../wasi/native/native-system.ts';
import { systemFor } from '../../../container/patient-stdin.ts';
import { admittingSystem, routesBy } from '../../pod-routes.ts';
import { requestLimits } from '../../serving-init.ts';
import { guestNetwork } from '../component-network.ts';
import { componentWorld } from '../component-world.ts';
import type { ThreadInit } from './thread-init.ts';

/* What a thread is that serves a container's connections, see `GuestThreadStarter`. */

const init: ThreadInit = workerData;
const port = parentPort;
if (port === null) throw new Error('Cannot run: this is no thread');

const tell = (message: FromThread) => port.postMessage(message);
const program = linkWithHost(init.component);
const pool = new InstancePool({ program, world: worldOf(init) });
new GuestThread({ port, pool, memory: init.memory, duplicate }, servingOf(init)).start();

/** The requests' limits; connections were admitted when they were accepted. */
function servingOf({ spec }: ThreadInit): RequestServerInit {
  const say = (lines: readonly string[]) => tell({ kind: 'say', lines });
  return requestLimits(spec.http?.serving ?? {}, say);
}

function worldOf({ spec, opened, memory, terminals, watching }: ThreadInit): World {
  const native = { ...systemFor(spec, new NativeSystem()), watcher: new PortWatcher(watching) };
  const routes = routesBy(opened.routes, spec.network, native);
  const system = admittingSystem(native, routes);
  const output = (stream: 'stdout' | 'stderr') =>
    new ThreadOutput({ memory: memory.output, tell }, { stream, terminal: terminals[stream] });
  const stdio = { stdin: opened.stdin, stdout: output('stdout'), stderr: output('stderr') };
  const network = spec.network && guestNetwork(spec.network, { system, routes });
  const world = componentWorld(spec, { system, stdio, mounts: opened.mounts, network });
  return { ...world, waiter: new SuspendingWaiter(system) };
}
