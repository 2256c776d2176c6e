import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, startTimeOf } from '../../src/runtime/process/process-identity.ts';
import type { ZygoteStatus } from '../../src/runtime/zygote/zygote-protocol.ts';
import { guests } from './guests.ts';
import { TestContainers } from './test-containers.ts';

describe('zygoteLife', () => {
  it('asks the self-test how to start, and it says: fork', async () => {
    await using containers = new TestContainers('fork', { config: { containerStart: 'auto' } });
    const modulePath = containers.module('m', guests.hello(0));
    assert.equal((await containers.start(containers.create({ modulePath }))).form, 'fork');
  });

  it('starts nothing by fork where the self-test says that a fork server cannot', async () => {
    const main = path.resolve(import.meta.dirname, 'childless-zygote.ts');
    await using containers = new TestContainers('fork', {
      main,
      config: { containerStart: 'auto' },
    });
    const modulePath = containers.module('m', guests.hello(7));
    const container = containers.create({ modulePath });
    assert.equal((await containers.start(container)).form, 'exec');
    assert.equal((await container.ended()).exitCode, 7);
    const { reason } = await statusOf(containers);
    assert.equal(reason, "probe 'sibling' could not fork: EPERM");
  });

  it('starts nothing by fork where it is told so', async () => {
    await using containers = new TestContainers('fork', { config: { containerStart: 'exec' } });
    const modulePath = containers.module('m', guests.hello(0));
    assert.equal((await containers.start(containers.create({ modulePath }))).form, 'exec');
  });

  it('starts one zygote for many callers at once, and reaps every child', async () => {
    await using containers = new TestContainers('fork');
    const modulePath = containers.module('m', guests.hello(7));
    const ends = await Promise.all(
      Array.from({ length: 40 }, () => containers.run(containers.create({ modulePath }))),
    );
    assert.deepEqual(new Set(ends.map(({ exitCode }) => exitCode)), new Set([7]));
    const { containers: left, forks } = await statusOf(containers);
    assert.deepEqual({ left, forks }, { left: 0, forks: 40 });
  });

  it('keeps none of its memory from what it forks', async () => {
    await using containers = new TestContainers('fork');
    const modulePath = containers.module('m', guests.hello(7));
    for (let start = 0; start < 3; start++) {
      await containers.run(containers.create({ modulePath }));
    }
    const { pid } = await statusOf(containers);
    for (const forks of [pid, ...childrenOf(pid, '(fork server)')]) {
      const kept = readFileSync(`/proc/${forks}/smaps`, 'utf8').match(/^VmFlags:.* dc .*$/gm);
      assert.deepEqual(kept ?? [], []);
    }
  });

  it('goes on, with its containers, when the process that forks for it was killed', async () => {
    await using containers = new TestContainers('fork');
    const running = containers.create({ modulePath: containers.module('s', guests.spin) });
    const { pid } = await containers.start(running);
    const zygote = await statusOf(containers);
    for (const child of childrenOf(zygote.pid, '(fork server)')) process.kill(child, 'SIGKILL');
    await sleep(100);
    const modulePath = containers.module('m', guests.hello(7));
    for (let start = 0; start < 3; start++) {
      assert.equal((await containers.run(containers.create({ modulePath }))).exitCode, 7);
    }
    assert.equal((await statusOf(containers)).pid, zygote.pid);
    process.kill(-pid, 'SIGKILL');
    assert.equal((await running.ended()).signal, 9);
  });

  it('is found by a path that is longer than the address of a socket', async () => {
    const directory = path.join(mkdtempSync(path.join(tmpdir(), 'krustlet-')), 'x'.repeat(120));
    await using containers = new TestContainers('fork', { directory });
    const modulePath = containers.module('m', guests.hello(3));
    assert.equal((await containers.run(containers.create({ modulePath }))).exitCode, 3);
    rmSync(path.dirname(directory), { recursive: true });
  });

  it('makes another zygote for another trust domain', async () => {
    await using containers = new TestContainers('fork');
    const modulePath = containers.module('m', guests.hello(0));
    await containers.run(containers.create({ modulePath }));
    await containers.run(containers.create({ modulePath, trustDomain: 'other' }));
    const other = await containers.starter.status('other');
    assert.ok(other !== undefined && other.pid !== (await statusOf(containers)).pid);
    process.kill(other.pid, 'SIGKILL');
  });

  it('ends when nothing is left to do', async () => {
    await using containers = new TestContainers('fork', { config: { idleTimeout: 200 } });
    const modulePath = containers.module('m', guests.hello(0));
    await containers.run(containers.create({ modulePath }));
    await ended((await statusOf(containers)).pid);
  });

  it('lets another take its place after so many forks, and stays with its containers', async () => {
    await using containers = new TestContainers('fork', { config: { maxForks: 1 } });
    const modulePath = containers.module('m', guests.spin);
    const first = containers.create({ modulePath });
    const { pid } = await containers.start(first);
    const old = await statusOf(containers);
    for (let waited = 0; (await containers.starter.status('test')) !== undefined; waited++) {
      assert.ok(waited < 300, 'the old zygote still listens');
      await sleep(20);
    }
    await containers.start(containers.create({ modulePath }));
    assert.notEqual((await statusOf(containers)).pid, old.pid);
    process.kill(-pid, 'SIGKILL');
    assert.equal((await first.ended()).signal, 9);
    await ended(old.pid);
  });

  it('is replaced when it was killed, and its containers go on', async () => {
    await using containers = new TestContainers('fork');
    const modulePath = containers.module('m', guests.spin);
    const { pid, startTime } = await containers.start(containers.create({ modulePath }));
    process.kill((await statusOf(containers)).pid, 'SIGKILL');
    await containers.start(containers.create({ modulePath }));
    assert.ok(isRunning({ pid, startTime }));
  });
});

async function statusOf(containers: TestContainers): Promise<ZygoteStatus> {
  const status = await containers.starter.status('test');
  assert.ok(status, 'there is no zygote');
  return status;
}

async function ended(pid: number): Promise<void> {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) return;
  for (let waited = 0; isRunning({ pid, startTime }); waited++) {
    assert.ok(waited < 250, `process ${pid} has not ended`);
    await sleep(20);
  }
}

/** Children whose title ends so. */
function childrenOf(pid: number, title: string): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const pids = children.split(' ').filter(Boolean).map(Number);
  const titles = pids.map((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8'));
  const found = pids.filter((_, index) => titles[index]?.replaceAll('\0', '').endsWith(title));
  assert.notEqual(found.length, 0);
  return found;
}
