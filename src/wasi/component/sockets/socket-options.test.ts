import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NativeNetworkSockets } from '../../native/native-network-sockets.ts';
import type { AddressFamily } from '../../system/network-sockets.ts';
import type { Codec, CoreValue } from '../abi/codec.ts';
import { ComponentMemory } from '../abi/component-memory.ts';
import { Guest } from '../abi/guest.ts';
import { bool, u8, u32, u64 } from '../abi/numbers.ts';
import { Part } from '../abi/part.ts';
import { type Result, result, unit } from '../abi/variants.ts';
import { Resolver } from '../dns/resolver.ts';
import { EgressPolicy } from '../http/egress-policy.ts';
import { testWorld } from '../testing/fixtures.ts';
import { createSocket } from './create-socket.ts';
import { type ErrorCode, errorCode } from './error-code.ts';
import { GuestNetwork } from './guest-network.ts';
import { tcp } from './tcp.ts';
import { TcpSocket } from './tcp-socket.ts';
import { udp } from './udp.ts';
import { UdpSocket } from './udp-socket.ts';

interface Case {
  readonly option: string;
  readonly type: Codec<unknown>;
  readonly written: CoreValue;
  readonly read: unknown;
}

const buffers: readonly Case[] = ['receive-buffer-size', 'send-buffer-size'].map((option) => ({
  option,
  type: u64,
  written: 65_536n,
  read: 65_536n,
}));

const cases: Readonly<Record<'tcp' | 'udp', readonly Case[]>> = {
  tcp: [
    { option: 'keep-alive-enabled', type: bool, written: 1, read: true },
    { option: 'keep-alive-enabled', type: bool, written: 0, read: false },
    {
      option: 'keep-alive-idle-time',
      type: u64,
      written: 1_500_000_000n,
      read: 2_000_000_000n,
    },
    {
      option: 'keep-alive-idle-time',
      type: u64,
      written: 2n ** 63n,
      read: 32_767_000_000_000n,
    },
    { option: 'keep-alive-interval', type: u64, written: 1n, read: 1_000_000_000n },
    { option: 'keep-alive-count', type: u32, written: 1_000, read: 127 },
    { option: 'hop-limit', type: u8, written: 77, read: 77 },
    ...buffers,
  ],
  udp: [{ option: 'unicast-hop-limit', type: u8, written: 77, read: 77 }, ...buffers],
};

/** A guest that has one socket, and calls functions on it. */
class SocketUser {
  readonly #guest: Guest;
  readonly #kind: 'tcp' | 'udp';
  readonly #handle: number;

  constructor(kind: 'tcp' | 'udp', family: AddressFamily) {
    const world = testWorld();
    const sockets = new NativeNetworkSockets();
    const resolver = new Resolver({ system: world.system, sockets });
    const policy = new EgressPolicy();
    const network = new GuestNetwork({ sockets, resolver, policy }, { addresses: [] });
    this.#guest = new Guest({ part: new Part(0), world: { ...world, network } });
    this.#guest.bind(new ComponentMemory(new WebAssembly.Memory({ initial: 1 })), undefined);
    this.#kind = kind;
    const opened = createSocket(this.#guest, kind, family);
    assert.ok(opened.kind === 'ok');
    const Socket = kind === 'tcp' ? TcpSocket : UdpSocket;
    this.#handle = this.#guest.handles.add(new Socket(opened.value, family));
  }

  call<T>(name: string, type: Codec<T>, ...values: CoreValue[]): Result<T, ErrorCode> {
    const { functions } = this.#kind === 'tcp' ? tcp : udp;
    const called = functions[`[method]${this.#kind}-socket.${name}`];
    assert.ok(called, name);
    const pointer = 64;
    called.bind(this.#guest)(this.#handle, ...values, pointer);
    return result(type, errorCode).load(this.#guest, pointer);
  }

  [Symbol.dispose](): void {
    this.#guest.part.reset();
  }
}

const families: readonly AddressFamily[] = ['ipv4', 'ipv6'];

for (const kind of ['tcp', 'udp'] as const) {
  for (const family of families) {
    describe(`options of ${kind} sockets over ${family}`, () => {
      for (const { option, type, written, read } of cases[kind]) {
        it(`give ${option} as ${read} where ${written} was set`, () => {
          using user = new SocketUser(kind, family);
          assert.equal(user.call(`set-${option}`, unit, written).kind, 'ok');
          assert.deepEqual(user.call(option, type), { kind: 'ok', value: read });
        });
      }

      const countable = cases[kind].filter(({ type }) => type !== bool);
      for (const option of new Set(countable.map(({ option }) => option))) {
        it(`refuse zero for ${option}`, () => {
          using user = new SocketUser(kind, family);
          const zero = option.endsWith('limit') || option.endsWith('count') ? 0 : 0n;
          const refused = user.call(`set-${option}`, unit, zero);
          assert.deepEqual(refused, { kind: 'error', error: 'invalid-argument' });
        });
      }
    });
  }
}
