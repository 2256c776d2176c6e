import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import { describe, it } from 'node:test';
import { errno } from '../errno.ts';
import { type FunctionName, GuestProbe, signatures } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';

const calls = 20_000;

/** What ends the guest, and what may wait for ever. */
const leftOut: readonly string[] = ['proc_exit', 'proc_raise', 'poll_oneoff', 'sock_accept'];
const names = (Object.keys(signatures) as FunctionName[]).filter((name) => !leftOut.includes(name));

const words = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 24, 31, 63, 64, 255, 256, 1000, 1024, 4096],
  ...[65_528, 65_532, 65_535, 65_536, 65_537, 0x7fff_ffff, -0x8000_0000, -1, -4, -8, -65_536],
];
const longs = [0n, 1n, 2n, 64n, 0x3fff_ffffn, 2n ** 32n, 2n ** 63n - 1n, -(2n ** 63n), -1n, -2n];
const paths = [
  '.',
  '..',
  '/',
  'dir',
  'dir/..',
  'to-outside/secret',
  '../outside/secret',
  'file',
  'x/',
];

/** The same numbers in every run. */
function* pseudoRandom(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 8;
  }
}

for (const { name: system, make } of systems) {
  describe(`preview1 functions on the ${system} system, given anything`, () => {
    it(`answer ${calls} calls with an error number, and touch nothing outside`, () => {
      using directory = new TemporaryDirectory();
      for (const name of ['outside', 'guest', 'guest/dir']) mkdirSync(directory.file(name));
      writeFileSync(directory.file('outside', 'secret'), 'secret');
      writeFileSync(directory.file('guest', 'file'), 'content');
      symlinkSync('../outside', directory.file('guest', 'to-outside'));
      const stdin = openSync(os.devNull, 'r');
      const sink = { write: () => errno.success };
      const hostPath = directory.file('guest');
      const mounts = [
        { hostPath, guestPath: '/' },
        { hostPath, guestPath: '/ro', readOnly: true },
      ];
      const stdio = { stdin, stdout: sink, stderr: sink };
      using guest = new GuestProbe(make(), { args: ['a'], mounts, stdio });
      const random = pseudoRandom(7);
      const pick = <T>(from: readonly T[]): T => {
        const picked = from[random.next().value % from.length];
        if (picked === undefined) throw new Error('Nothing to pick from');
        return picked;
      };

      for (let index = 0; index < calls; index += 1) {
        if (index % 16 === 0) layPaths(guest, pick);
        const name = pick(names);
        const args = [...signatures[name]].map((type) =>
          pick<number | bigint>(type === 'I' ? longs : words),
        );
        const result = guest.call(name, ...args);
        assert.ok(Object.hasOwn(errno, result), `${name}(${args.join(', ')}) = ${result}`);
      }
      closeSync(stdin);
      assert.deepEqual(readdirSync(directory.path).toSorted(), ['guest', 'outside']);
      assert.deepEqual(readdirSync(directory.file('outside')), ['secret']);
      assert.equal(readFileSync(directory.file('outside', 'secret'), 'utf8'), 'secret');
    });
  });
}

/** Puts paths, and lists of vectors, where the pointers that are picked point to. */
function layPaths(guest: GuestProbe, pick: <T>(from: readonly T[]) => T): void {
  for (const at of [0, 16, 64, 256, 1000, 1024, 4096]) guest.put(at, pick(paths));
  for (const at of [24, 4096])
    guest.putU32(at, Number(pick(words)) >>> 0, Number(pick(words)) >>> 0);
}
