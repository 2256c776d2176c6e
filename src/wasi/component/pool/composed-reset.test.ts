import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { HttpServer } from '../http/server.ts';
import { ComponentInstance } from '../link/component-instance.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { assertAsFresh, memoriesOf } from '../testing/instance-state.ts';
import { InstancePool } from './instance-pool.ts';

const host = '127.0.0.1';
const mostAtOnce = 4;

/** Paths of requests that end well, trap, take too long, or are given up by who sent them. */
const compositions = {
  'http-composed': [
    '/seen',
    '/headers',
    '/big/70000',
    '/json',
    '/allocate/300000',
    '/status/404',
    '/silent',
    '/echo',
    '/blocked',
    '/abandon',
    '/trap',
    '/sleep/60000',
    '/drip',
  ],
  'http-service-composed': [
    '/hello',
    '/seen',
    '/echo',
    '/length',
    '/stream/30',
    '/trailers',
    '/empty/204',
    '/after',
    '/fail',
    '/trap',
    '/exit',
    '/forever',
  ],
} as const;

/** @returns the status; undefined where there was no whole response, or nobody waited for it */
function ask(port: number, path: string, giveUpAfter?: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const sent = request({ host, port, path, method: 'POST', agent: false }, (response) => {
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve(response.statusCode)).resume();
    });
    sent.on('error', () => resolve(undefined));
    sent.end(Buffer.alloc(9000, path));
    if (giveUpAfter !== undefined) setTimeout(() => sent.destroy(), giveUpAfter);
  });
}

for (const [name, paths] of Object.entries(compositions)) {
  describe(`a composition in a pool: ${name}`, () => {
    const program = loadProgram(prepareComponent(componentFixture(name as 'http-composed')));
    const world = testWorld();
    const fresh = new ComponentInstance(program, world, 'suspend');

    it('has nothing of earlier requests in any of its components', async () => {
      const pool = new InstancePool({ program, world });
      const server = new HttpServer({ pool }, { requestTimeout: 100 });
      const { port } = await server.listen({ host, port: 0 });
      let state = name.length;
      const random = (bound: number) => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * bound);
      };
      const used = new Set<ComponentInstance>();
      const statuses = new Set<number | undefined>();
      for (let round = 0; round < 40; round++) {
        const batch = Array.from({ length: 1 + random(mostAtOnce) }, () => ({
          path: paths[random(paths.length)] ?? '/',
          giveUpAfter: random(5) === 0 ? random(20) : undefined,
        }));
        const asked = batch.map(({ path, giveUpAfter }) => ask(port, path, giveUpAfter));
        for (const status of await Promise.all(asked)) statuses.add(status);
        const leases = Array.from({ length: mostAtOnce }, () => pool.acquire());
        for (const { instance } of leases) {
          used.add(instance);
          const what = `after round ${round}: ${batch.map(({ path }) => path).join(' ')}`;
          assertAsFresh(instance, fresh, what);
        }
        for (const lease of leases) lease.release('returned');
      }
      await server.drain();
      assert.ok(statuses.has(200) && statuses.has(500) && statuses.has(undefined));
      assert.ok(used.size > mostAtOnce, 'none was thrown away');
    });

    it('has, where state is shared, what the comparison would find', async () => {
      const pool = new InstancePool({ program, world }, { shareState: true });
      const server = new HttpServer({ pool });
      const { port } = await server.listen({ host, port: 0 });
      assert.equal(await ask(port, '/seen'), 200);
      await server.drain();
      const { instance } = pool.acquire();
      assert.notDeepEqual(memoriesOf(instance), memoriesOf(fresh));
      assert.throws(() => assertAsFresh(instance, fresh, 'shared'), assert.AssertionError);
    });
  });
}
