import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { describe, it } from 'node:test';
import { NativeSystem } from '../native/native-system.ts';
import { GuestProbe } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';

const subscriptions = 1024;
const events = 8192;
const count = 64;

const realtime = 0;
const monotonic = 1;
const millisecond = 1_000_000n;

/** Puts a subscription where the `index`-th belongs. */
function subscribe(guest: GuestProbe, index: number, type: number, userdata: bigint): number {
  const at = subscriptions + index * 48;
  guest.bytes.fill(0, at, at + 48);
  guest.bytes.writeBigUInt64LE(userdata, at);
  guest.bytes[at + 8] = type;
  return at;
}

function subscribeClock(
  guest: GuestProbe,
  index: number,
  how: { clock: number; timeout: bigint; absolute?: boolean },
): void {
  const at = subscribe(guest, index, 0, BigInt(index));
  guest.putU32(at + 16, how.clock);
  guest.bytes.writeBigUInt64LE(how.timeout, at + 24);
  guest.bytes.writeUInt16LE(how.absolute ? 1 : 0, at + 40);
}

function subscribeFd(guest: GuestProbe, index: number, type: 'read' | 'write', fd: number): void {
  guest.putU32(subscribe(guest, index, type === 'read' ? 1 : 2, BigInt(index)) + 16, fd);
}

/** What came: userdata, error, type, bytes and flags of each event. */
function poll(guest: GuestProbe, size: number): (number | bigint)[][] {
  assert.equal(guest.call('poll_oneoff', subscriptions, events, size, count), 'success');
  return Array.from({ length: guest.u32(count) }, (_, index) => {
    const at = events + index * 32;
    const [error, type, flags] = [guest.u16(at + 8), guest.u16(at + 10), guest.u16(at + 24)];
    return [guest.u64(at), error, type, guest.u64(at + 16), flags];
  });
}

for (const { name, make } of systems) {
  describe(`poll_oneoff on the ${name} system`, () => {
    for (const clock of [realtime, monotonic]) {
      for (const absolute of [false, true]) {
        it(`waits on clock ${clock}, ${absolute ? 'until a time' : 'for a while'}`, () => {
          using guest = new GuestProbe(make());
          const before = process.hrtime.bigint();
          guest.call('clock_time_get', clock, 0n, 0);
          const timeout = (absolute ? guest.u64(0) : 0n) + 20n * millisecond;
          subscribeClock(guest, 0, { clock, timeout, absolute });
          subscribeClock(guest, 1, { clock: monotonic, timeout: 60_000n * millisecond });
          assert.deepEqual(poll(guest, 2), [[0n, 0, 0, 0n, 0]]);
          const waited = process.hrtime.bigint() - before;
          assert.ok(waited >= 18n * millisecond, `waited ${waited} ns`);
        });
      }
    }

    it('answers for each what is wrong with it, without a wait', () => {
      using guest = new GuestProbe(make());
      subscribeClock(guest, 0, { clock: 9, timeout: 1n });
      subscribeClock(guest, 1, { clock: 2, timeout: 1n });
      subscribeFd(guest, 2, 'read', 77);
      subscribe(guest, 3, 5, 3n);
      subscribeClock(guest, 4, { clock: monotonic, timeout: 60_000n * millisecond });
      assert.deepEqual(
        poll(guest, 5).map((event) => event.slice(0, 3)),
        [
          [0n, 28, 0],
          [1n, 58, 0],
          [2n, 8, 1],
          [3n, 28, 5],
        ],
      );
    });

    it('takes a sink to be always ready', () => {
      const sink = { write: () => 0 };
      using guest = new GuestProbe(make(), { stdio: { stdin: 0, stdout: sink, stderr: sink } });
      subscribeFd(guest, 0, 'write', 1);
      subscribeClock(guest, 1, { clock: monotonic, timeout: 60_000n * millisecond });
      assert.deepEqual(poll(guest, 2), [[0n, 0, 2, 0n, 0]]);
    });

    it('checks where it reads and writes', () => {
      using guest = new GuestProbe(make());
      subscribeClock(guest, 0, { clock: monotonic, timeout: 0n });
      const { size } = guest;
      assert.equal(guest.call('poll_oneoff', subscriptions, events, 0, count), 'inval');
      assert.equal(guest.call('poll_oneoff', subscriptions, events, -1, count), 'inval');
      assert.equal(guest.call('poll_oneoff', size - 47, events, 1, count), 'fault');
      assert.equal(guest.call('poll_oneoff', subscriptions, size - 31, 1, count), 'fault');
      assert.equal(guest.call('poll_oneoff', subscriptions, events, 1, size - 3), 'fault');
      assert.equal(guest.call('poll_oneoff', -8, -8, 1, -1), 'fault');
    });

    it('allows events to replace their subscriptions', () => {
      using guest = new GuestProbe(make());
      for (const index of [0, 1, 2]) {
        subscribeClock(guest, index, { clock: monotonic, timeout: 0n });
      }
      const result = guest.call('poll_oneoff', subscriptions, subscriptions, 3, count);
      assert.equal(result, 'success');
      assert.deepEqual(
        [0, 1, 2].map((index) => guest.u64(subscriptions + index * 32)),
        [0n, 1n, 2n],
      );
    });
  });
}

describe('poll_oneoff on pipes', { skip: process.platform !== 'linux' }, () => {
  function withPipe(use: (guest: GuestProbe, writer: number) => void): void {
    using directory = new TemporaryDirectory();
    mkdirSync(directory.file('pipes'));
    const path = directory.file('pipes', 'pipe');
    execFileSync('mkfifo', [path]);
    const writer = openSync(path, 'r+');
    const reader = openSync(path, 'r');
    using guest = new GuestProbe(new NativeSystem(), {
      stdio: { stdin: reader, stdout: writer, stderr: writer },
    });
    use(guest, writer);
    closeSync(reader);
  }

  it('waits for the first of several', () => {
    withPipe((guest, writer) => {
      subscribeFd(guest, 0, 'read', 0);
      subscribeClock(guest, 1, { clock: monotonic, timeout: 10n * millisecond });
      assert.deepEqual(poll(guest, 2), [[1n, 0, 0, 0n, 0]]);
      writeSync(writer, 'hello');
      subscribeFd(guest, 2, 'write', 1);
      assert.deepEqual(poll(guest, 3), [
        [0n, 0, 1, 5n, 0],
        [2n, 0, 2, 0n, 0],
      ]);
      closeSync(writer);
    });
  });

  it('tells that the other side is gone', () => {
    withPipe((guest, writer) => {
      closeSync(writer);
      subscribeFd(guest, 0, 'read', 0);
      assert.deepEqual(poll(guest, 1), [[0n, 0, 1, 0n, 1]]);
    });
  });
});
