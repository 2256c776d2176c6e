import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PolicyApi } from '../../../tests/support/policy-api.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import { parsePod } from '../pods/parse-pod.ts';
import { PodDirectories } from '../pods/pod-directories.ts';
import { PolicyEnforcer } from './policy-enforcer.ts';

const hostIPs = ['10.77.0.1'];
const fromOwn = { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] };

/** An enforcer that follows a server of its own, and the pods of its node. */
class Bench implements AsyncDisposable {
  readonly api: PolicyApi;
  readonly pods = new Map<string, ReturnType<typeof podAt>>();
  readonly directories: PodDirectories;
  readonly enforcer: PolicyEnforcer;
  /** How often it was asked for the pods of the node. */
  looks = 0;
  readonly #root = mkdtempSync(path.join(os.tmpdir(), 'krustlet-policies-'));
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  /** @param arrange what there is before the enforcer runs */
  static async start(arrange: (bench: Bench) => void = () => undefined): Promise<Bench> {
    const api = await PolicyApi.start();
    api.put('namespaces', { metadata: { name: 'default' } });
    const bench = new Bench(api, arrange);
    await bench.enforcer.settled;
    return bench;
  }

  constructor(api: PolicyApi, arrange: (bench: Bench) => void) {
    this.api = api;
    this.directories = new PodDirectories(this.#root, { memory: this.#root });
    const pods = () => {
      this.looks++;
      return [...this.pods.values()];
    };
    const log = { info: () => undefined, warn: (text: string) => assert.fail(text) };
    const components = {
      client: api.client(),
      clock: systemClock,
      log,
      directories: this.directories,
      pods,
    };
    this.enforcer = new PolicyEnforcer(components, { hostIPs });
    arrange(this);
    this.#running = this.enforcer.run(this.#stopping);
  }

  policy(name: string, spec: object): void {
    this.api.put('networkpolicies', {
      metadata: { name, namespace: 'default' },
      spec,
    });
  }

  /** Has a pod start on the node. */
  async start(name: string, address: string, over: object = {}): Promise<string | undefined> {
    const local = podAt(name, address, over);
    this.pods.set(name, local);
    return await this.enforcer.prepare(local.pod, local.podIPs);
  }

  /** The rules of a pod as they lie there now. */
  rules(name: string): readonly string[] {
    const directory = this.directories.ofPod({ uid: uidOf(name) });
    return readFileSync(path.join(directory, 'peers', 'rules'), 'utf8')
      .split('\n')
      .slice(0, -1);
  }

  /** Waits until the rules of a pod are these. */
  async expect(name: string, lines: readonly string[]): Promise<void> {
    for (let round = 0; round < 500; round++) {
      if (JSON.stringify(this.rules(name)) === JSON.stringify(lines)) return;
      await sleep(10);
    }
    assert.deepEqual(this.rules(name), lines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.api[Symbol.asyncDispose]();
    rmSync(this.#root, { recursive: true });
  }
}

function uidOf(name: string): string {
  return name.replaceAll('.', '-');
}

function podAt(name: string, address: string, over: object = {}) {
  const pod = parsePod({
    metadata: { name, namespace: 'default', uid: uidOf(name), labels: { app: name } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
    ...over,
  });
  return { pod, podIPs: [address] };
}

function fromAll(...addresses: readonly string[]): readonly string[] {
  return ['isolates ingress', `ingress * ${addresses.join(' ')}`, 'nodes 10.77.0.1'];
}

describe('PolicyEnforcer', { timeout: 30_000 }, () => {
  it('enforces nothing where the node may not see policies', async () => {
    await using bench = await Bench.start(({ api }) => {
      api.isPermitted = false;
    });
    bench.policy('own', fromOwn);
    assert.equal(bench.enforcer.isActive, false);
    assert.equal(await bench.start('a', '10.244.0.2'), undefined);
  });

  it('has a pod start with its rules, and its neighbours know it by then', async () => {
    await using bench = await Bench.start();
    bench.policy('own', fromOwn);
    await bench.start('a', '10.244.0.2');
    await bench.expect('a', fromAll('10.244.0.2'));
    const directory = await bench.start('b', '10.244.0.3');
    assert.equal(directory, path.join(bench.directories.ofPod({ uid: uidOf('b') }), 'peers'));
    for (const name of ['a', 'b']) {
      assert.deepEqual(bench.rules(name), fromAll('10.244.0.2', '10.244.0.3'), name);
    }
  });

  it('gives pods no rules without policies, and new ones while they run', async () => {
    await using bench = await Bench.start();
    await bench.start('a', '10.244.0.2');
    assert.deepEqual(bench.rules('a'), []);
    bench.policy('none', { podSelector: { matchLabels: { app: 'a' } } });
    await bench.expect('a', ['isolates ingress', 'nodes 10.77.0.1']);
    bench.api.remove('networkpolicies', { metadata: { name: 'none', namespace: 'default' } });
    await bench.expect('a', []);
  });

  it('follows the pods and the namespaces of other nodes', async () => {
    await using bench = await Bench.start();
    const from = [{ namespaceSelector: { matchLabels: { team: 'blue' } } }];
    bench.policy('blue', { podSelector: {}, ingress: [{ from }] });
    await bench.start('a', '10.244.0.2');
    const remote = { metadata: { name: 'r', namespace: 'away' }, spec: { containers: [] } };
    bench.api.put('pods', { ...remote, status: { podIPs: [{ ip: '10.244.9.9' }] } });
    await bench.expect('a', ['isolates ingress', 'nodes 10.77.0.1']);
    const labels = { team: 'blue' };
    bench.api.put('namespaces', { metadata: { name: 'away', labels } });
    await bench.expect('a', fromAll('10.244.9.9'));
    bench.api.remove('pods', remote);
    await bench.expect('a', ['isolates ingress', 'nodes 10.77.0.1']);
  });

  it('takes no pod for a peer that is over, or has the address of the node', async () => {
    await using bench = await Bench.start();
    bench.policy('own', fromOwn);
    await bench.start('over', '10.244.0.2', { status: { phase: 'Succeeded' } });
    assert.equal(await bench.start('host', '10.77.0.1'), undefined);
    await bench.start('a', '10.244.0.4');
    await bench.expect('a', fromAll('10.244.0.4'));
  });

  it('goes on with pods that an earlier life told of rules, and with no others', async () => {
    await using bench = await Bench.start((starting) => {
      starting.policy('own', fromOwn);
      for (const [name, address] of [
        ['told', '10.244.0.2'],
        ['untold', '10.244.0.3'],
      ] as const) {
        starting.pods.set(name, podAt(name, address));
      }
      const told = starting.directories.ofPod({ uid: uidOf('told') });
      mkdirSync(path.join(told, 'peers'), { recursive: true });
    });
    await bench.start('a', '10.244.0.4');
    await bench.expect('told', fromAll('10.244.0.2', '10.244.0.3', '10.244.0.4'));
    assert.throws(() => bench.rules('untold'), { code: 'ENOENT' });
  });

  it('tells neighbours of many pods at once of those that start at once', async () => {
    await using bench = await Bench.start();
    bench.policy('own', fromOwn);
    await bench.start('first', '10.244.0.2');
    await bench.expect('first', fromAll('10.244.0.2'));
    bench.looks = 0;
    const addresses = Array.from({ length: 200 }, (_, last) => `10.244.1.${last + 1}`);
    await Promise.all(addresses.map((address) => bench.start(address, address)));
    assert.ok(bench.looks < 10, `looked at all pods ${bench.looks} times`);
    const all = fromAll(...['10.244.0.2', ...addresses].toSorted());
    for (const name of ['first', ...addresses]) assert.deepEqual(bench.rules(name), all);
  });
});
