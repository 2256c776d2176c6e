import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Resource } from '../abi/resource.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { InstancePool } from './instance-pool.ts';

describe('InstancePool', async () => {
  const program = loadProgram(prepareComponent(componentFixture('http-hello')));
  const world = testWorld();

  function twice(pool: InstancePool, outcome: 'returned' | 'failed'): boolean {
    const first = pool.acquire();
    first.release(outcome);
    const second = pool.acquire();
    second.release(outcome);
    return first.instance === second.instance;
  }

  it('hands out again what was reset', () => {
    assert.ok(twice(new InstancePool({ program, world }), 'returned'));
  });

  it('hands out nothing twice at the same time', () => {
    const pool = new InstancePool({ program, world });
    assert.notEqual(pool.acquire().instance, pool.acquire().instance);
  });

  it('throws an instance away whose call failed', () => {
    assert.ok(!twice(new InstancePool({ program, world }), 'failed'));
  });

  it('throws an instance away whose call was cancelled', () => {
    const pool = new InstancePool({ program, world });
    const lease = pool.acquire();
    lease.instance.cancel(new Error('enough'));
    lease.release('returned');
    assert.notEqual(pool.acquire().instance, lease.instance);
  });

  it('hands out an instance that nothing of an earlier call can cancel', () => {
    const pool = new InstancePool({ program, world });
    const first = pool.acquire();
    const { cancellation } = first.instance.guestOf('wasi:http/incoming-handler', 'handle');
    first.release('returned');
    const second = pool.acquire();
    assert.equal(second.instance, first.instance);
    cancellation.cancel(new Error('late'));
    assert.ok(!second.instance.isCancelled);
  });

  it('makes a new instance for every call where none can be reset', () => {
    const pool = new InstancePool({ program: { ...program, resettable: false }, world });
    assert.ok(!twice(pool, 'returned'));
  });

  it('keeps an instance as it is only where that is asked for', () => {
    const components = { program: { ...program, resettable: false }, world };
    assert.ok(twice(new InstancePool(components, { shareState: true }), 'returned'));
  });

  it('keeps the instance that was used last when it is trimmed', () => {
    const pool = new InstancePool({ program, world });
    const leases = [pool.acquire(), pool.acquire(), pool.acquire()];
    for (const lease of leases) lease.release('returned');
    pool.trim();
    assert.equal(pool.acquire().instance, leases[2]?.instance);
    const next = pool.acquire().instance;
    assert.ok(leases.every(({ instance }) => instance !== next));
    pool.trim(); // has nothing to let go of
  });

  it('takes a lease back once', () => {
    const pool = new InstancePool({ program, world });
    const lease = pool.acquire();
    lease.release('returned');
    lease.release('returned');
    assert.notEqual(pool.acquire().instance, pool.acquire().instance);
  });

  it('drops what a call has left once, though that throws, and throws the instance away', () => {
    let drops = 0;
    class Broken extends Resource {
      override drop(): void {
        drops++;
        throw new Error('broken');
      }
    }
    const pool = new InstancePool({ program, world });
    const lease = pool.acquire();
    const { instance } = lease;
    instance.guestOf('wasi:http/incoming-handler', 'handle').handles.add(new Broken());
    assert.throws(() => lease.release('returned'), /^Error: broken$/);
    lease.release('failed');
    assert.equal(drops, 1);
    assert.ok(instance.isIdle);
    assert.notEqual(pool.acquire().instance, instance);
  });
});
