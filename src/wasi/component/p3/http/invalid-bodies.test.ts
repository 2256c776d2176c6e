import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { GuestTrap } from '../../abi/guest-trap.ts';
import { EgressPolicy } from '../../http/egress-policy.ts';
import { HttpServer } from '../../http/server.ts';
import { UndiciHttp } from '../../http/undici-http.ts';
import { loadProgram } from '../../load-program.ts';
import { InstancePool } from '../../pool/instance-pool.ts';
import { prepareComponent } from '../../prepared-component.ts';
import { componentFixture, testWorld } from '../../testing/fixtures.ts';

const host = '127.0.0.1';
const program = loadProgram(prepareComponent(componentFixture('http-invalid')));

describe('a service whose trailers are none', { timeout: 20_000 }, () => {
  async function ask(path: string) {
    await using http = new UndiciHttp({ policy: new EgressPolicy([{ cidrs: ['127.0.0.0/8'] }]) });
    const failures: unknown[] = [];
    const pool = new InstancePool({ program, world: testWorld({ http }) });
    const server = new HttpServer({ pool }, { onFailure: (failure) => failures.push(failure) });
    const { port } = await server.listen({ host, port: 0 });
    const statusOf = async (route: string) => {
      try {
        const response = await fetch(`http://${host}:${port}/${route}`);
        await response.arrayBuffer();
        return response.status;
      } catch {
        return 'cut';
      }
    };
    const status = await statusOf(path);
    const others = await Promise.all([statusOf('valid'), statusOf('valid')]);
    await server.drain();
    return { status, others, failures };
  }

  for (const [path, wanted] of [
    ['response', 500],
    ['no-contents', 500],
    ['late', 'cut'],
  ] as const) {
    it(`fails the one request that has them, of a response: ${path}`, async () => {
      const { status, others, failures } = await ask(path);
      assert.deepEqual([status, others], [wanted, [200, 200]]);
      assert.equal(failures.length, 1);
      assert.ok(failures[0] instanceof GuestTrap, String(failures[0]));
    });
  }

  it('fails the one request that has them, of a request', async () => {
    await using peer = createServer((request, response) => {
      request.resume();
      request.on('error', () => {}); // given up by its client: that is what is tested
      request.once('end', () => response.end('answer'));
    }).listen(0, host);
    await once(peer, 'listening');
    const { port } = peer.address() as AddressInfo; // listens on TCP
    const { status, others, failures } = await ask(`request/${host}:${port}`);
    assert.deepEqual([status, others], [500, [200, 200]]);
    assert.ok(failures[0] instanceof GuestTrap, String(failures[0]));
  });
});
