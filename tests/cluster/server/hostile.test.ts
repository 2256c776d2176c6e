import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { askNode, servesWithClusterCertificate } from './ask-node.ts';
import { eventually } from './eventually.ts';
import { HostileClients } from './hostile-clients.ts';
import { counting, waiting } from './server-guests.ts';
import { ServerWorkbench } from './server-workbench.ts';

/** How much more memory the node may have in use under attack, in bytes. */
const bound = 320 * 1024 * 1024;

describe('a node under attack', { skip: skipWithoutCluster, timeout: 300_000 }, () => {
  let bench: ServerWorkbench;
  let token: string;
  let idleBytes: number;

  before(async () => {
    bench = await ServerWorkbench.start();
    await bench.run('target', [{ guest: waiting }]);
    await bench.run('talker', [{ guest: counting({ lines: 200_000, padding: 200 }) }]);
    token = await administratorToken(bench);
    await servesWithClusterCertificate(bench.node);
    await othersAreServed();
    idleBytes = bench.node.residentBytes;
  });
  after(() => bench[Symbol.asyncDispose]());

  /** By the API server, and by whoever asks the node itself. */
  async function othersAreServed(): Promise<void> {
    const { stdout, stderr } = await bench.kubectl.run('logs', 'target');
    assert.equal(stdout, 'ready\n', stderr);
    assert.equal((await askNode(bench.node, { path: '/healthz', token })).status, 200);
  }

  const path = () => `/exec/${bench.namespace}/target/app?command=cat&input=1&output=1`;
  const log = () => `/containerLogs/${bench.namespace}/talker/app`;
  const attacks: readonly (readonly [string, (by: HostileClients) => Promise<void>])[] = [
    ['10,000 connections that say nothing', (by) => by.connectOnly(10_000)],
    ['1,000 heads that never end', (by) => by.dribble(1_000)],
    ['heads of 200 MB', (by) => by.floodHeaders(200)],
    ['200 answers that nobody reads', (by) => by.askAndNotRead(200, log(), token)],
    ['zlib bombs', (by) => by.sendZlibBombs(20, path(), token)],
    ['noise in place of SPDY', (by) => by.sendNoise(100, path(), token)],
  ];
  for (const [what, attack] of attacks) {
    it(`serves others and keeps its memory bounded: ${what}`, async () => {
      await using clients = new HostileClients(bench.node.port);
      const attacked = attack(clients);
      await othersAreServed();
      await attacked;
      await othersAreServed();
      const more = bench.node.residentBytes - idleBytes;
      assert.ok(more < bound, `${Math.round(more / 1e6)} MB more`);
    });
  }

  it('has closed what strangers left open, by itself', async () => {
    await using clients = new HostileClients(bench.node.port);
    await clients.connectOnly(250);
    await eventually(
      () => clients.open === 0,
      () => `${clients.open} open`,
      30,
    );
  });
});

async function administratorToken({ kubectl, namespace }: ServerWorkbench): Promise<string> {
  const account = `--serviceaccount=${namespace}:hostile`;
  const role = '--clusterrole=cluster-admin';
  await kubectl.run('create', 'serviceaccount', 'hostile');
  await kubectl.run('create', 'clusterrolebinding', `${namespace}-hostile`, role, account);
  const { stdout, stderr } = await kubectl.run('create', 'token', 'hostile');
  assert.ok(stdout, stderr);
  return stdout.trim();
}
