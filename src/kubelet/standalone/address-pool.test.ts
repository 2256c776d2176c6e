import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import { AddressPool } from './address-pool.ts';

const podOf = (uid: string, spec: object = {}) =>
  parsePod({
    metadata: { name: 'p', uid },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  });

describe('AddressPool', () => {
  it('gives each pod an address of its own, and the same one again', async () => {
    const pool = new AddressPool();
    const [one] = await pool.allocate(podOf('1'), []);
    const [two] = await pool.allocate(podOf('2'), []);
    assert.match(one ?? '', /^127\.64\.\d+\.\d+$/);
    assert.notEqual(one, two);
    assert.deepEqual(await pool.allocate(podOf('1'), []), [one]);
  });

  it('gives what a pod had before, unless another pod has it or it is not of the block', async () => {
    const pool = new AddressPool({ cidr: '127.64.0.0/24' });
    assert.deepEqual(await pool.allocate(podOf('1'), ['127.64.0.77']), ['127.64.0.77']);
    assert.notDeepEqual(await pool.allocate(podOf('2'), ['127.64.0.77']), ['127.64.0.77']);
    assert.notDeepEqual(await pool.allocate(podOf('3'), ['10.0.0.1']), ['10.0.0.1']);
  });

  it('is used up at some time, and has again what was released', async () => {
    const pool = new AddressPool({ cidr: '127.64.0.0/29' });
    const uids = ['1', '2', '3', '4', '5'];
    const all = await Promise.all(uids.map((uid) => pool.allocate(podOf(uid), [])));
    assert.equal(new Set(all.flat()).size, 5);
    await assert.rejects(pool.allocate(podOf('6'), []), /^Error: all 5 pod addresses are taken/);
    await pool.release(podOf('3'));
    assert.deepEqual(await pool.allocate(podOf('6'), []), all[2]);
  });

  it("gives the node's addresses to pods in its network", async () => {
    const pool = new AddressPool({ hostIPs: ['10.0.0.1'] });
    assert.deepEqual(await pool.allocate(podOf('1', { hostNetwork: true }), []), ['10.0.0.1']);
  });
});
