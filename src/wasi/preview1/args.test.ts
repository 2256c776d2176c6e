import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestProbe } from '../testing/guest-probe.ts';
import { systems } from '../testing/systems.ts';

for (const { name, make } of systems) {
  describe(`args and environ on the ${name} system`, () => {
    const init = {
      args: ['app', '', 'ä'],
      env: [
        { name: 'Z', value: '1' },
        { name: 'A', value: 'x=y' },
      ],
    };

    it('writes pointers and strings', () => {
      using guest = new GuestProbe(make(), init);
      guest.bytes.fill('#', 0, 256);
      assert.equal(guest.call('args_sizes_get', 0, 4), 'success');
      assert.deepEqual([guest.u32(0), guest.u32(4)], [3, 8]);
      assert.equal(guest.call('args_get', 16, 64), 'success');
      assert.deepEqual([guest.u32(16), guest.u32(20), guest.u32(24)], [64, 68, 69]);
      assert.equal(guest.text(64, 10), 'app\0\0ä\0##');
      assert.equal(guest.call('environ_sizes_get', 0, 4), 'success');
      assert.deepEqual([guest.u32(0), guest.u32(4)], [2, 10]);
      assert.equal(guest.call('environ_get', 16, 64), 'success');
      assert.equal(guest.text(64, 12), 'Z=1\0A=x=y\0##');
    });

    it('writes nothing outside of memory', () => {
      using guest = new GuestProbe(make(), init);
      const { size } = guest;
      for (const [sizes, get] of [
        ['args_sizes_get', 'args_get'],
        ['environ_sizes_get', 'environ_get'],
      ] as const) {
        assert.equal(guest.call(sizes, size - 3, 0), 'fault');
        assert.equal(guest.call(sizes, 0, -1), 'fault');
        assert.equal(guest.call(get, size - 7, 64), 'fault');
        assert.equal(guest.call(get, 16, size - 7), 'fault');
      }
      assert.ok(guest.bytes.every((byte) => byte === 0));
    });
  });
}
