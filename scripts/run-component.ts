/**
 * Runs one component in this process, without container or sandbox: a command to its end, a service
 * on a free port of 127.0.0.1, whose URL it writes to standard error, until SIGINT or SIGTERM.
 *
 *     node scripts/run-component.ts [--dir HOST::GUEST[:ro]]… [--env NAME=VALUE]…
 *       COMPONENT [ARGUMENT]…
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { needsOf } from '../src/runtime/engines/component/component-needs.ts';
import { DescriptorSink } from '../src/runtime/engines/component/descriptor-sink.ts';
import { Command, type CommandWorld } from '../src/wasi/component/command.ts';
import { Resolver } from '../src/wasi/component/dns/resolver.ts';
import { anywhere, EgressPolicy } from '../src/wasi/component/http/egress-policy.ts';
import { HttpServer } from '../src/wasi/component/http/server.ts';
import { UndiciHttp } from '../src/wasi/component/http/undici-http.ts';
import { SuspendingWaiter } from '../src/wasi/component/io/suspending-waiter.ts';
import type { Program } from '../src/wasi/component/link/program.ts';
import { loadProgram } from '../src/wasi/component/load-program.ts';
import { InstancePool } from '../src/wasi/component/pool/instance-pool.ts';
import { prepareComponent } from '../src/wasi/component/prepared-component.ts';
import { GuestNetwork } from '../src/wasi/component/sockets/guest-network.ts';
import { NativeNetworkSockets } from '../src/wasi/native/native-network-sockets.ts';
import { NativeSystem } from '../src/wasi/native/native-system.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: 'string', multiple: true, default: [] },
    env: { type: 'string', multiple: true, default: [] },
  },
});

const [file, ...rest] = positionals;
if (file === undefined) throw new Error('Cannot run without a component: name one');
const system = new NativeSystem();
const policy = new EgressPolicy([anywhere, { cidrs: ['127.0.0.0/8', '::1/128'] }]);
await using http = new UndiciHttp({ policy });
const program = loadProgram(prepareComponent(readFileSync(file)));
const world = makeWorld([path.basename(file), ...rest]);
const serves = needsOf(program.plan) === 'http-server';
process.exitCode = serves ? await serve(program, world) : await run(program, world);

async function run(loaded: Program, given: CommandWorld): Promise<number> {
  try {
    return await new Command(loaded, given).run();
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    return 134;
  }
}

async function serve(loaded: Program, given: CommandWorld): Promise<number> {
  const waiter = new SuspendingWaiter(system);
  const pool = new InstancePool({ program: loaded, world: { ...given, waiter } });
  const server = new HttpServer({ pool }, { onFailure: (failure) => console.error(failure) });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  console.error(`Serving http://127.0.0.1:${port}/`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await server.drain({ signal: AbortSignal.timeout(1000) });
  return 0;
}

function makeWorld(args: readonly string[]): CommandWorld {
  const sockets = new NativeNetworkSockets();
  const resolver = new Resolver({ system, sockets }, { servers: [], hosts: [] });
  const addresses = ['127.0.0.1', '::1'];
  return {
    system,
    arguments: args,
    environment: values.env.map(variable),
    workingDirectory: undefined,
    stdin: 0,
    stdout: new DescriptorSink(1),
    stderr: new DescriptorSink(2),
    preopens: values.dir.map(preopen),
    configuration: new Map(),
    http,
    network: new GuestNetwork({ sockets, resolver, policy }, { addresses }),
  };
}

function preopen(argument: string) {
  const [hostPath = '', guestPath = hostPath] = argument.replace(/:ro$/, '').split('::');
  return { guestPath, handle: system.mounts.open(hostPath), readOnly: argument.endsWith(':ro') };
}

function variable(argument: string): readonly [string, string] {
  const equals = argument.indexOf('=');
  return [argument.slice(0, equals), argument.slice(equals + 1)];
}
