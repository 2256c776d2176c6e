import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestServerInit } from '../../http/request-server.ts';
import { RequestTimeout } from '../../http/running-exchanges.ts';
import { HttpServer } from '../../http/server.ts';
import { loadProgram } from '../../load-program.ts';
import { InstancePool } from '../../pool/instance-pool.ts';
import { prepareComponent } from '../../prepared-component.ts';
import { componentFixture, testWorld } from '../../testing/fixtures.ts';

const host = '127.0.0.1';
const program = loadProgram(prepareComponent(componentFixture('http-echo')));

describe('a service that ends while the body of its response is that of its request', {
  timeout: 20_000,
}, () => {
  async function serve(init: RequestServerInit = {}) {
    const failures: unknown[] = [];
    const pool = new InstancePool({ program, world: testWorld() });
    const onFailure = (failure: unknown) => failures.push(failure);
    const server = new HttpServer({ pool }, { ...init, onFailure });
    const { port } = await server.listen({ host, port: 0 });
    return {
      server,
      failures,
      port,
      [Symbol.asyncDispose]: () => server.drain({ signal: AbortSignal.timeout(1000) }),
    };
  }

  /** Sends a first piece, whose answer begins. */
  async function begin(port: number) {
    const sent = httpRequest({ host, port, method: 'POST', agent: false });
    sent.on('error', () => undefined); // cut where the test wants it to be
    sent.write('x'.repeat(1000));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { sent, response };
  }

  it('passes on all of it', async () => {
    await using served = await serve();
    const { sent, response } = await begin(served.port);
    const answered = response.toArray();
    for (let count = 1; count < 20; count++) {
      await delay(5);
      sent.write('x'.repeat(1000));
    }
    assert.equal(served.server.running, 1);
    sent.end();
    assert.equal(Buffer.concat(await answered).length, 20_000);
    assert.deepEqual(served.failures, []);
  });

  it('is over when its time is up', async () => {
    await using served = await serve({ requestTimeout: 100 });
    const { response } = await begin(served.port);
    await assert.rejects(response.toArray(), { code: 'ECONNRESET' });
    assert.ok(served.failures[0] instanceof RequestTimeout, String(served.failures[0]));
    assert.equal(served.failures.length, 1);
  });

  it('is over when its client leaves', async () => {
    await using served = await serve();
    const { sent } = await begin(served.port);
    assert.equal(served.server.running, 1);
    sent.destroy();
    while (served.server.running > 0) await delay(5);
    assert.deepEqual(served.failures, []);
  });
});
