import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathSegments, Router } from '../http/router.ts';
import { respondWithStatus } from '../http/status-response.ts';
import { nodeLogs } from './node-logs.ts';

describe('nodeLogs', () => {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'krustlet-node-logs-'));
  const logs = path.join(scratch, 'logs');
  const router = new Router([nodeLogs(logs)]);
  const server = http.createServer(async (message, response) => {
    const url = new URL(message.url ?? '', 'http://node');
    const { signal } = new AbortController();
    try {
      const { route, params } = router.find('GET', pathSegments(url.pathname));
      await route.handle?.({ message, url, params, signal }, response);
    } catch (error) {
      respondWithStatus(response, error);
    }
  });

  before(async () => {
    mkdirSync(path.join(logs, 'pods'), { recursive: true });
    mkdirSync(path.join(scratch, 'logs-beside'));
    writeFileSync(path.join(logs, 'pods', '0.log'), 'a line\n');
    writeFileSync(path.join(logs, 'javascript:alert(1)#"<b>'), '');
    writeFileSync(path.join(scratch, 'secret'), 'secret\n');
    writeFileSync(path.join(scratch, 'logs-beside', 'secret'), 'secret\n');
    symlinkSync('../secret', path.join(logs, 'out'));
    symlinkSync('..', path.join(logs, 'up'));
    symlinkSync('pods/0.log', path.join(logs, 'within'));
    execFileSync('mkfifo', [path.join(logs, 'fifo')]);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(scratch, { recursive: true });
  });

  /** Past `fetch`, which resolves dots itself. */
  async function get(target: string): Promise<{ status: number | undefined; body: string }> {
    const { port } = server.address() as AddressInfo;
    const request = http.get({ host: '127.0.0.1', port, path: target, agent: false });
    const [response]: http.IncomingMessage[] = await once(request, 'response');
    if (response === undefined) return assert.fail();
    const parts = await response.toArray();
    return { status: response.statusCode, body: Buffer.concat(parts).toString() };
  }

  for (const target of ['/logs/pods/0.log', '/logs/within', '/logs//pods/./0.log']) {
    it(`shows ${target}`, async () => {
      assert.deepEqual(await get(target), { status: 200, body: 'a line\n' });
    });
  }

  for (const target of [
    '/logs/out',
    '/logs/up/secret',
    '/logs/up',
    '/logs/../secret',
    '/logs/%2e%2e/secret',
    '/logs/..%2fsecret',
    '/logs/..%2flogs-beside%2fsecret',
    '/logs/%2fetc%2fpasswd',
    '/logs/pods%00/0.log',
    '/logs/fifo',
    '/logs/missing',
  ]) {
    it(`finds nothing at ${target}`, async () => {
      const { status, body } = await get(target);
      assert.equal(status, 404);
      assert.doesNotMatch(body, /secret\n.|root:/);
    });
  }

  it('lists a directory, with names that are nothing but names', async () => {
    const { body } = await get('/logs/');
    assert.ok(body.includes('<a href="./pods/">pods/</a>'), body);
    assert.ok(body.includes('<a href="./javascript%3Aalert(1)%23%22%3Cb%3E">'), body);
    assert.ok(!body.includes('<b>'), body);
  });

  it('lists no more than ten thousand names', async () => {
    const crowded = path.join(logs, 'crowded');
    mkdirSync(crowded);
    for (let index = 0; index < 10_100; index += 1)
      writeFileSync(path.join(crowded, `${index}`), '');
    const { body } = await get('/logs/crowded');
    assert.equal(body.match(/<a /g)?.length, 10_000);
  });
});
