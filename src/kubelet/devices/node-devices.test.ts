import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  MockDevicePlugin,
  type MockDevicePluginInit,
} from '../../../tests/support/mock-device-plugin.ts';
import { call } from '../../grpc/call.ts';
import { grpcCodes } from '../../grpc/grpc-error.ts';
import { parsePod } from '../pods/parse-pod.ts';
import type { AdmissionDecision, PodAdmission } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { registerMethod } from './device-plugin-api.ts';
import { NodeDevices } from './node-devices.ts';

const resource = 'example.com/gpu';
const three = { a: 'Healthy', b: 'Healthy', c: 'Unhealthy' };

const needs = (name: string, amount: number, fields: object = {}, of = resource) => ({
  name,
  image: 'x',
  resources: { limits: { [of]: amount } },
  ...fields,
});
const podOf = (
  uid: string,
  containers: readonly object[],
  initContainers: readonly object[] = [],
) => parsePod({ metadata: { name: uid, uid }, spec: { containers, initContainers } });
const pod = (uid: string, amount: number) => podOf(uid, [needs('main', amount)]);

/** The lives of one node's devices, one after the other. */
class Bench implements AsyncDisposable {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-devices-'));
  readonly events: string[] = [];
  readonly active = new Set<string>();
  now = 1_000_000;
  node: NodeDevices;
  admission: PodAdmission;
  readonly #open = new AsyncDisposableStack();
  #changed = Promise.withResolvers<void>();
  #end = new AbortController();
  #running: Promise<void>;

  constructor() {
    [this.node, this.admission, this.#running] = this.#start();
  }

  /** Ends this life, and begins the next. */
  async restart(): Promise<void> {
    this.#end.abort();
    await this.#running;
    this.#end = new AbortController();
    [this.node, this.admission, this.#running] = this.#start();
  }

  /** A plugin that has registered, and whose devices are known. */
  async plugin(init: Partial<MockDevicePluginInit> = {}): Promise<MockDevicePlugin> {
    const { directory } = this;
    const plugin = new MockDevicePlugin({ directory, resource, devices: three, ...init });
    this.#open.use(plugin);
    await plugin.listen();
    await plugin.register();
    await this.until(() => Number(this.node.amounts.allocatable[resource] ?? 0) > 0);
    return plugin;
  }

  async until(check: () => boolean): Promise<void> {
    for (;;) {
      const changed = this.#changed.promise;
      if (check()) return;
      await changed;
    }
  }

  async admit(wanted: Pod): Promise<AdmissionDecision> {
    this.active.add(wanted.metadata.uid);
    return await this.admission.admit(wanted);
  }

  async refusal(wanted: Pod): Promise<string> {
    const decision = await this.admit(wanted);
    assert.equal(decision.kind, 'refused');
    assert.equal(decision.failure.reason, 'UnexpectedAdmissionError');
    return decision.failure.message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
    await this.#open.disposeAsync();
    rmSync(this.directory, { recursive: true });
  }

  #start(): [NodeDevices, PodAdmission, Promise<void>] {
    const node = new NodeDevices(
      {
        events: { record: ({ reason, message }) => this.events.push(`${reason}: ${message}`) },
        activePods: async () => this.active,
        onChange: () => {
          this.#changed.resolve();
          this.#changed = Promise.withResolvers();
        },
        now: () => this.now,
        log: { info: () => undefined, warn: () => undefined },
      },
      this.directory,
    );
    const anybody: PodAdmission = {
      expect: () => undefined,
      release: () => undefined,
      admit: async () => ({ kind: 'admitted', runtimeHandler: '' }),
    };
    return [node, node.admission(anybody), node.run(this.#end)];
  }
}

const devicesOf = async ({ node }: Bench, wanted: Pod, container = 'main') =>
  await node.ofPods.of(wanted, container);

describe('NodeDevices', () => {
  it('counts all devices as capacity, and healthy ones as allocatable', async () => {
    await using bench = new Bench();
    const plugin = await bench.plugin();
    assert.deepEqual(bench.node.amounts, {
      capacity: { [resource]: '3' },
      allocatable: { [resource]: '2' },
    });
    plugin.change({ a: 'Healthy' });
    await bench.until(() => bench.node.amounts.capacity[resource] === '1');
  });

  it('has none to give when the plugin is gone, and none at all after five minutes', async () => {
    await using bench = new Bench();
    const plugin = await bench.plugin();
    await plugin[Symbol.asyncDispose]();
    await bench.until(() => bench.node.amounts.allocatable[resource] === '0');
    assert.equal(bench.node.amounts.capacity[resource], '3');
    bench.now += 5 * 60_000;
    assert.equal(bench.node.amounts.capacity[resource], '0');
    assert.match(await bench.refusal(pod('p', 1)), /no healthy devices present/);
  });

  it('gives all healthy devices to who asks for them, and what comes with them', async () => {
    await using bench = new Bench();
    const plugin = await bench.plugin({
      allocation: (ids) => ({
        envs: { GPUS: ids.join() },
        mounts: [{ hostPath: '/opt/gpu', containerPath: '/gpu', readOnly: true }],
        devices: [{ hostPath: '/dev/gpu0', containerPath: '/dev/gpu0' }],
      }),
    });
    const wanted = pod('p', 2);
    assert.equal((await bench.admit(wanted)).kind, 'admitted');
    assert.deepEqual(plugin.allocations, [['a', 'b']]);
    assert.deepEqual(await devicesOf(bench, wanted), {
      env: new Map([['GPUS', 'a,b']]),
      mounts: [{ hostPath: '/opt/gpu', containerPath: '/gpu', readOnly: true }],
    });
    assert.match(bench.events.join(), /DeviceIgnored: .*"main" goes without .* \/dev\/gpu0/);
  });

  it('refuses who asks for more than there are, until some are given back', async () => {
    await using bench = new Bench();
    await bench.plugin();
    const first = pod('first', 1);
    await bench.admit(first);
    assert.equal(
      await bench.refusal(pod('second', 2)),
      'Allocate failed due to requested number of devices unavailable for example.com/gpu. ' +
        'Requested: 2, Available: 1, which is unexpected',
    );
    bench.admission.release(first);
    assert.equal((await bench.admit(pod('third', 2))).kind, 'admitted');
  });

  it('never gives a device to two pods that come at once', async () => {
    await using bench = new Bench();
    const plugin = await bench.plugin();
    const decisions = await Promise.all(['p', 'q', 'r'].map((uid) => bench.admit(pod(uid, 1))));
    assert.deepEqual(
      decisions.map(({ kind }) => kind),
      ['admitted', 'admitted', 'refused'],
    );
    assert.deepEqual(plugin.allocations.flat().sort(), ['a', 'b']);
  });

  it('gives nothing to who asks for a resource that nobody registered', async () => {
    await using bench = new Bench();
    const wanted = podOf('p', [needs('main', 1, {}, 'example.com/none')]);
    assert.equal((await bench.admit(wanted)).kind, 'admitted');
    assert.equal(bench.node.ofPods.of(wanted, 'main'), undefined);
  });

  it('takes what the plugin prefers, as far as it may be had', async () => {
    await using bench = new Bench();
    const asked: object[] = [];
    const plugin = await bench.plugin({
      prefer: (choice) => {
        asked.push(choice);
        return ['nonsense', 'c', 'b'];
      },
    });
    await bench.admit(pod('p', 1));
    assert.deepEqual(asked, [{ available: ['a', 'b'], mustInclude: [], size: 1 }]);
    assert.deepEqual(plugin.allocations, [['b']]);
  });

  it('gives what an init container had to those after it, but not what a sidecar has', async () => {
    await using bench = new Bench();
    const plugin = await bench.plugin();
    const side = needs('side', 1, { restartPolicy: 'Always' });
    const wanted = podOf('p', [needs('main', 1)], [needs('init', 2), side]);
    assert.equal((await bench.admit(wanted)).kind, 'admitted');
    assert.deepEqual(plugin.allocations, [['a', 'b'], ['a'], ['b']]);
  });

  it('tells the plugin before each start of a container, where it wants to know', async () => {
    await using bench = new Bench();
    const started: (readonly string[])[] = [];
    await bench.plugin({ onPreStart: (ids) => started.push(ids) });
    const wanted = pod('p', 1);
    await bench.admit(wanted);
    await devicesOf(bench, wanted);
    await devicesOf(bench, wanted);
    assert.deepEqual(started, [['a'], ['a']]);
  });

  it('refuses the pod whose devices the plugin does not give, and keeps none for it', async () => {
    await using bench = new Bench();
    let isBroken = true;
    await bench.plugin({
      allocation: () => {
        if (isBroken) throw new Error('too hot');
        return {};
      },
    });
    assert.match(await bench.refusal(pod('p', 2)), /Allocate failed due to too hot/);
    isBroken = false;
    assert.equal((await bench.admit(pod('q', 2))).kind, 'admitted');
  });

  const unusable: readonly [string, object][] = [
    ['a mount of a relative path', { mounts: [{ hostPath: 'x', containerPath: '/x' }] }],
    ['a variable that cannot be', { envs: { 'A=B': '1' } }],
  ];
  for (const [what, allocation] of unusable) {
    it(`refuses the pod for which the plugin gives ${what}`, async () => {
      await using bench = new Bench();
      await bench.plugin({ allocation: () => allocation });
      assert.match(await bench.refusal(pod('p', 1)), /the plugin gave/);
    });
  }

  it('remembers in its next life who has what, and who is gone', async () => {
    await using bench = new Bench();
    const plugin = await bench.plugin({ allocation: (ids) => ({ envs: { GPUS: ids.join() } }) });
    const [stays, goes] = [pod('stays', 1), pod('goes', 1)];
    await bench.admit(stays);
    await bench.admit(goes);
    const file = path.join(bench.directory, 'allocations.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(file, 'utf8')).pods), ['stays', 'goes']);
    bench.active.delete('goes');
    await bench.restart();
    await bench.until(() => bench.node.amounts.capacity[resource] === '0');
    bench.admission.expect(stays);
    assert.equal((await bench.admit(stays)).kind, 'admitted');
    assert.deepEqual((await devicesOf(bench, stays))?.env, new Map([['GPUS', 'a']]));
    assert.match(await bench.refusal(pod('early', 1)), /no healthy devices present/);
    await plugin.register();
    await bench.until(() => bench.node.amounts.allocatable[resource] === '2');
    assert.match(await bench.refusal(pod('more', 2)), /Requested: 2, Available: 1/);
    assert.equal((await bench.admit(pod('other', 1))).kind, 'admitted');
    assert.deepEqual(plugin.allocations.at(-1), ['b']);
  });

  it('goes on without what it kept where that cannot be read', async () => {
    await using bench = new Bench();
    writeFileSync(path.join(bench.directory, 'allocations.json'), '{"version":1,"pods":3}');
    await bench.restart();
    await bench.plugin();
    assert.equal((await bench.admit(pod('p', 1))).kind, 'admitted');
  });

  const wrong: readonly [string, object][] = [
    ['another version', { version: 'v1alpha' }],
    ['a resource of Kubernetes', { resourceName: 'kubernetes.io/gpu' }],
    ['a resource without a domain', { resourceName: 'gpu' }],
    ['a socket elsewhere', { endpoint: '../../run/docker.sock' }],
    ['no socket', { endpoint: '' }],
  ];
  for (const [what, given] of wrong) {
    it(`does not register ${what}`, async () => {
      await using bench = new Bench();
      await bench.plugin();
      const address = { path: path.join(bench.directory, 'kubelet.sock') };
      const good = { version: 'v1beta1', endpoint: 'x.sock', resourceName: 'example.com/x' };
      await assert.rejects(call(address, registerMethod, { ...good, ...given }), {
        code: grpcCodes.invalidArgument,
      });
    });
  }
});
