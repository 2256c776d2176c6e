import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel } from 'node:worker_threads';
import { duplicate } from '../../libc/process.ts';
import type { RequestServerInit } from '../http/request-server.ts';
import { loadProgram } from '../load-program.ts';
import { InstancePool } from '../pool/instance-pool.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { GuestThread } from './guest-thread.ts';
import { noteOnItsWay, waitingFor } from './request-marks.ts';
import { serverMemory, threadMemory } from './thread-memory.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

const host = '127.0.0.1';
const program = loadProgram(prepareComponent(componentFixture('http-routes')));
const request = (route: string) => `GET /${route} HTTP/1.1\r\nHost: x\r\n\r\n`;

/** What a thread does, without a thread, and who accepts connections for it. */
async function open(init: RequestServerInit = {}) {
  const { port1: port, port2: ours } = new MessageChannel();
  const told: FromThread[] = [];
  ours.on('message', (message: FromThread) => told.push(message));
  const memory = threadMemory(serverMemory(), 1);
  const pool = new InstancePool({ program, world: testWorld() });
  const thread = new GuestThread({ port, pool, memory, duplicate }, init);
  thread.start();
  const listener = createServer({ pauseOnConnect: true });
  listener.listen(0, host);
  await once(listener, 'listening');
  after(() => {
    listener.close();
    ours.close();
    thread.stop();
  });
  const tell = (message: ToThread) => ours.postMessage(message);
  const isTold = async <Kind extends FromThread['kind']>(kind: Kind) => {
    for (;;) {
      const found = told.find((message) => message.kind === kind);
      if (found !== undefined) return found as Extract<FromThread, { kind: Kind }>; // by its kind
      await sleep(1);
    }
  };
  /** Has the thread serve a new connection. */
  const serve = async (): Promise<{ readonly client: Socket; readonly fd: number }> => {
    const client = connect((listener.address() as AddressInfo).port, host).setEncoding('latin1');
    const [accepted] = await once(listener, 'connection');
    const fd = duplicate(accepted._handle.fd);
    accepted.destroy();
    noteOnItsWay(memory.begun, fd);
    tell({ kind: 'connection', id: fd, fd });
    return { client, fd };
  };
  return { serve, tell, isTold, told, memory };
}

describe('GuestThread', { timeout: 30_000 }, () => {
  it('serves connections that it is sent, and tells when they are closed', async () => {
    const { serve, isTold, told } = await open();
    assert.deepEqual(await isTold('ready'), { kind: 'ready' });
    const { client, fd } = await serve();
    client.write(request('seen'));
    assert.match((await once(client, 'data'))[0], /^HTTP\/1.1 200 [\s\S]*\r\n1$/);
    assert.deepEqual(told.slice(1), []);
    client.destroy();
    assert.deepEqual(await isTold('closed'), { kind: 'closed', id: fd });
  });

  it('notes who waits for an answer', async () => {
    const { serve, memory } = await open();
    const { client, fd } = await serve();
    const limits = { timeout: 50 };
    assert.equal(waitingFor(memory.begun, fd, limits), 'nothing to be said');
    client.write(request('sleep/150'));
    await sleep(30);
    assert.equal(waitingFor(memory.begun, fd, limits), 500);
    await sleep(60);
    assert.equal(waitingFor(memory.begun, fd, limits), 504);
    await once(client, 'data');
    assert.equal(waitingFor(memory.begun, fd, limits), 'nothing');
    client.write(request('drip'));
    await once(client, 'data');
    assert.equal(waitingFor(memory.begun, fd, limits), 'nothing to be said');
    client.destroy();
  });

  it('shows with each request that it goes on, as many may come at once', async () => {
    const { serve, memory } = await open();
    const { client } = await serve();
    const regular = memory.beat[0];
    while (memory.beat[0] === regular) await sleep(1); // the next is a quarter of a second away
    memory.beat[0] = 0;
    client.write(request('seen'));
    await once(client, 'data');
    assert.ok(memory.beat[0] > 0);
    client.destroy();
  });

  it('owns no descriptor any more whose number may be used again', async () => {
    const { serve, tell, isTold, memory } = await open();
    const { client, fd } = await serve();
    memory.owners[fd] = memory.share.server;
    client.write(request('seen'));
    await once(client, 'data');
    assert.equal(memory.owners[fd], memory.share.server);
    tell({ kind: 'give', most: 1 });
    await isTold('connection');
    assert.equal(memory.owners[fd], 0);
    client.destroy();
  });

  it('gives connections back that are idle', async () => {
    const { serve, tell, isTold } = await open();
    const { client, fd } = await serve();
    client.write(request('sleep/100'));
    await sleep(30);
    tell({ kind: 'give', most: 1 });
    const [text] = await once(client, 'data');
    assert.match(text, /awake/);
    const given = await isTold('connection');
    assert.notEqual(given.fd, fd);
    await isTold('closed');
    assert.equal(client.readableEnded, false);
    tell({ ...given, id: 1000 });
    client.write(request('seen'));
    assert.match((await once(client, 'data'))[0], /\r\n1$/);
    client.destroy();
  });

  it('cuts clients that are slow to say what they want', async () => {
    const { serve } = await open({ headersTimeout: 100 });
    const { client } = await serve();
    client.write('GET / HTTP/1.1\r\nHo');
    assert.match((await once(client, 'data'))[0], /^HTTP\/1.1 408 /);
    client.destroy();
  });

  it('drains: answers what is here, with a word of the end', async () => {
    const { serve, tell, isTold } = await open();
    const { client } = await serve();
    client.write(request('sleep/100'));
    await sleep(30);
    tell({ kind: 'drain' });
    const [text] = await once(client, 'data');
    assert.match(text, /connection: close\r\n[\s\S]*awake$/i);
    await isTold('drained');
    await isTold('closed');
  });
});
