import { parentPort, workerData } from 'node:worker_threads';
import { NativeNetworkSockets } from '../../../native/native-network-sockets.ts';
import { Command } from '../../command.ts';
import { Resolver } from '../../dns/resolver.ts';
import { EgressPolicy } from '../../http/egress-policy.ts';
import { loadProgram } from '../../load-program.ts';
import { prepareComponent } from '../../prepared-component.ts';
import { componentFixture, testWorld } from '../../testing/fixtures.ts';
import { GuestNetwork } from '../guest-network.ts';
import type { GuestInit } from './run-guest.ts';

/** A thread of its own for a guest, which blocks while it waits. */
const init: GuestInit = workerData;
const port = parentPort;
if (port === null) throw new Error('Cannot run a guest: this is no worker');

const stdout = {
  write(bytes: Uint8Array): number {
    port.postMessage(Buffer.from(bytes).toString());
    return 0;
  },
};
const world = testWorld({ arguments: ['sockets', ...init.args], stdout });
const sockets = new NativeNetworkSockets();
const policy = new EgressPolicy(init.rules, { guarded: init.guarded ?? [] });
const resolver = new Resolver({ system: world.system, sockets }, init.resolver);
const network =
  init.addresses && new GuestNetwork({ sockets, resolver, policy }, { addresses: init.addresses });
const program = loadProgram(prepareComponent(componentFixture('sockets')));
process.exitCode = await new Command(program, { ...world, network }).run();
