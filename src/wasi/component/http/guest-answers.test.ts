import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { request } from 'undici';
import { Resource } from '../abi/resource.ts';
import { loadProgram } from '../load-program.ts';
import { InstancePool, type Lease } from '../pool/instance-pool.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { HttpServer } from './server.ts';

const host = '127.0.0.1';

/** Cannot be dropped, so that a call's end fails. */
class Broken extends Resource {
  override drop(): void {
    throw new Error('broken');
  }
}

class BrokenPool extends InstancePool {
  override acquire(): Lease {
    const lease = super.acquire();
    const { handles } = lease.instance.guestOf('wasi:http/incoming-handler', 'handle');
    handles.add(new Broken());
    return lease;
  }
}

describe('GuestAnswers', () => {
  it('reports what cannot be dropped after a call, and has the next request answered', async () => {
    const program = loadProgram(prepareComponent(componentFixture('http-routes')));
    const pool = new BrokenPool({ program, world: testWorld() });
    const failures: string[] = [];
    const onFailure = (failure: unknown) => failures.push(String(failure));
    const server = new HttpServer({ pool }, { maximumConcurrency: 1, onFailure });
    const { port } = await server.listen({ host, port: 0 });
    for (let count = 1; count <= 2; count++) {
      const { statusCode, body } = await request(`http://${host}:${port}/trap`);
      await body.dump();
      assert.equal(statusCode, 500);
      assert.deepEqual(failures.splice(0), ['RuntimeError: unreachable', 'Error: broken']);
    }
    await server.drain();
  });
});
