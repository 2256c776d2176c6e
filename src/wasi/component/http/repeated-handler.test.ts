import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import loadWabt from 'wabt';
import type { CoreFunction } from '../abi/host-function.ts';
import { RepeatedHandler } from './repeated-handler.ts';

const trap = 666;
const wait = 777;
const guest = (await loadWabt()).parseWat(
  'guest',
  `(module
    (import "host" "seen" (func $seen (param i32 i32)))
    (import "host" "wait" (func $wait))
    (func (export "handle") (param i32 i32)
      (if (i32.eq (local.get 0) (i32.const ${trap})) (then unreachable))
      (if (i32.eq (local.get 0) (i32.const ${wait})) (then (call $wait)))
      (call $seen (local.get 0) (local.get 1))))`,
);
const module = new WebAssembly.Module(Uint8Array.from(guest.toBinary({}).buffer));

function handler(waiting: () => Promise<unknown> = () => sleep(1)) {
  const seen: [number, number][] = [];
  const host = {
    seen: (request: number, outparam: number) => seen.push([request, outparam]),
    wait: new WebAssembly.Suspending(waiting) as unknown as CoreFunction,
  };
  const { exports } = new WebAssembly.Instance(module, { host });
  return { seen, repeated: new RepeatedHandler(exports['handle'] as CoreFunction) };
}

describe('RepeatedHandler', () => {
  it('passes each call its handles, and resolves when it has returned', async () => {
    const { seen, repeated } = handler();
    const calls = [
      [1, 2],
      [wait, 3],
      [4, 5],
      [wait, 6],
    ] as const;
    for (const [index, call] of calls.entries()) {
      const [request, outparam] = call;
      await repeated.call(request, outparam);
      assert.deepEqual(seen[index], call);
    }
  });

  for (const before of [0, 1, 3]) {
    it(`rejects where the guest traps after ${before} calls`, async () => {
      const { repeated } = handler();
      for (let call = 0; call < before; call++) await repeated.call(call, 0);
      await assert.rejects(repeated.call(trap, 0), WebAssembly.RuntimeError);
    });

    it(`rejects where a wait of the guest's fails after ${before} calls`, async () => {
      const { seen, repeated } = handler(() => Promise.reject(new Error('cancelled')));
      for (let call = 0; call < before; call++) await repeated.call(call, 0);
      await assert.rejects(repeated.call(wait, 0), { message: 'cancelled' });
      assert.equal(seen.length, before);
    });
  }
});
