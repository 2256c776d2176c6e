import { parentPort, workerData } from 'node:worker_threads';
import { serverDefaults } from '../../../../wasi/component/http/server-defaults.ts';
import { SuspendingWaiter } from '../../../../wasi/component/io/suspending-waiter.ts';
import { linkWithHost } from '../../../../wasi/component/load-program.ts';
import { InstancePool } from '../../../../wasi/component/pool/instance-pool.ts';
import { GuestThread } from '../../../../wasi/component/threads/guest-thread.ts';
import type { FromThread } from '../../../../wasi/component/threads/thread-messages.ts';
import { ThreadOutput } from '../../../../wasi/component/threads/thread-output.ts';
import type { World } from '../../../../wasi/component/world.ts';
import { NativeSystem } from '../../../../wasi/native/native-system.ts';
import { systemFor } from '../../../container/patient-stdin.ts';
import { admittingSystem, routesBy } from '../../pod-routes.ts';
import { guestNetwork } from '../component-network.ts';
import { componentWorld } from '../component-world.ts';
import { describeFailure } from '../http-log.ts';
import type { ThreadInit } from './thread-init.ts';

/* What a thread is that answers a container's requests, see `GuestThreadStarter`. */

const init: ThreadInit = workerData;
const port = parentPort;
if (port === null) throw new Error('Cannot run: this is no thread');

const { maximumBodySize = serverDefaults.maximumBodySize } = init.spec.http?.serving ?? {};
const program = linkWithHost(init.component);
const pool = new InstancePool({ program, world: worldOf(init) });
new GuestThread({ port, pool, describe: describeFailure }, { maximumBodySize }).start();

function worldOf({ spec, opened, outputMemory: memory, terminals }: ThreadInit): World {
  const native = systemFor(spec, new NativeSystem());
  const routes = routesBy(opened.routes, spec.network, native);
  const system = admittingSystem(native, routes);
  const tell = (message: FromThread) => port?.postMessage(message);
  const output = (stream: 'stdout' | 'stderr') =>
    new ThreadOutput({ memory, tell }, { stream, terminal: terminals[stream] });
  const stdio = { stdin: opened.stdin, stdout: output('stdout'), stderr: output('stderr') };
  const network = spec.network && guestNetwork(spec.network, { system, routes });
  const world = componentWorld(spec, { system, stdio, mounts: opened.mounts, network });
  return { ...world, waiter: new SuspendingWaiter(system) };
}
