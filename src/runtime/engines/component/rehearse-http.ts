import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { HttpServer } from '../../../wasi/component/http/server.ts';
import { SuspendingWaiter } from '../../../wasi/component/io/suspending-waiter.ts';
import { loadProgram } from '../../../wasi/component/load-program.ts';
import { InstancePool } from '../../../wasi/component/pool/instance-pool.ts';
import type { World } from '../../../wasi/component/world.ts';
import { NativeSystem } from '../../../wasi/native/native-system.ts';
import { rehearsalComponent } from './rehearsal-component.ts';

/** After so many requests, V8 has compiled what every request takes as well as it will. */
const rounds = 200;

/** The defaults of V8, which `containerProcessFlags` raises. */
const optimizingAsUsual = [
  '--invocation-count-for-feedback-allocation=8',
  '--invocation-count-for-maglev=400',
  '--invocation-count-for-turbofan=3000',
];

const request = Buffer.from('GET /?rehearsal HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n');

/**
 * Answers requests to a component of ours, over a connection within this process: what V8 compiles
 * and allocates for that, the containers of this fork server share.
 */
export async function rehearseHttp(): Promise<void> {
  // A server's functions are called so often that V8's own figures are the right ones again.
  for (const flag of optimizingAsUsual) setFlagsFromString(flag);
  const program = loadProgram(rehearsalComponent());
  const server = new HttpServer({ pool: new InstancePool({ program, world: emptyWorld() }) });
  const [client, connection] = duplexPair();
  server.serve(connection);
  for (let round = 0; round < rounds; round++) await ask(client);
  client.destroy();
  await once(connection.destroy(), 'close');
}

async function ask(client: Duplex): Promise<void> {
  client.write(request);
  const [response] = await once(client, 'data');
  if (!String(response).startsWith('HTTP/1.1 200 ')) {
    throw new Error(`Cannot rehearse: ${JSON.stringify(String(response))}`);
  }
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
