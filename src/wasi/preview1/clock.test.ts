import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestProbe } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';

for (const { name, make } of systems) {
  describe(`clock, random and sched on the ${name} system`, () => {
    it('tells the real time', () => {
      using guest = new GuestProbe(make());
      const before = BigInt(Date.now() - 1) * 1_000_000n;
      assert.equal(guest.call('clock_time_get', 0, 1n, 16), 'success');
      const after = BigInt(Date.now() + 1) * 1_000_000n;
      assert.ok(before <= guest.u64(16) && guest.u64(16) <= after, String(guest.u64(16)));
    });

    it('tells the same monotonic time as the system', () => {
      using guest = new GuestProbe(make());
      const before = process.hrtime.bigint();
      assert.equal(guest.call('clock_time_get', 1, 1n, 16), 'success');
      assert.ok(before <= guest.u64(16) && guest.u64(16) <= process.hrtime.bigint());
    });

    for (const id of [0, 1, 2, 3]) {
      it(`has a resolution for clock ${id}`, () => {
        using guest = new GuestProbe(make());
        assert.equal(guest.call('clock_res_get', id, 16), 'success');
        assert.ok(guest.u64(16) > 0n && guest.u64(16) <= 10_000_000n);
        assert.equal(guest.call('clock_time_get', id, 1n, 24), 'success');
        assert.ok(guest.u64(24) > 0n);
      });
    }

    it('knows no other clock, and writes nothing outside of memory', () => {
      using guest = new GuestProbe(make());
      for (const id of [4, -1]) {
        assert.equal(guest.call('clock_time_get', id, 1n, 16), 'inval');
        assert.equal(guest.call('clock_res_get', id, 16), 'inval');
      }
      for (const pointer of [guest.size - 7, -1]) {
        assert.equal(guest.call('clock_time_get', 0, 1n, pointer), 'fault');
        assert.equal(guest.call('clock_res_get', 0, pointer), 'fault');
        assert.equal(guest.call('random_get', pointer, 8), 'fault');
      }
    });

    for (const length of [0, 1, 16, 256, 257, 5000]) {
      it(`fills ${length} random bytes and no more`, () => {
        using guest = new GuestProbe(make());
        const seen = new Set<string>();
        for (let round = 0; round < 20; round += 1) {
          assert.equal(guest.call('random_get', 1000, length), 'success');
          seen.add(guest.bytes.toString('hex', 1000, 1000 + length));
        }
        assert.equal(seen.size, length === 0 ? 1 : length === 1 ? seen.size : 20);
        assert.ok(guest.bytes.subarray(1000 + length, 7000).every((byte) => byte === 0));
      });
    }

    it('yields', () => {
      using guest = new GuestProbe(make());
      assert.equal(guest.call('sched_yield'), 'success');
    });
  });
}
