import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { MockCsiDriver, type MockCsiDriverInit } from '../../../tests/support/mock-csi-driver.ts';
import { Manifest } from '../../krator/states/manifest.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import {
  parsePersistentVolume,
  parsePersistentVolumeClaim,
  parsePod,
  parseSecret,
} from '../pods/parse-pod.ts';
import { PodDirectories } from '../pods/pod-directories.ts';
import { ManifestObjects } from '../standalone/manifest-objects.ts';
import { ClaimedVolumes } from '../volumes/claims/claimed-volumes.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import type { CsiAttachment, CsiDriverSettings } from './csi-cluster.ts';
import type { CsiNodeInfo } from './csi-driver.ts';
import { NodeStorage } from './node-storage.ts';

const driverName = 'mock.csi.example.com';
const claimed = { name: 'data', persistentVolumeClaim: { claimName: 'claim' } };

class Bench implements AsyncDisposable {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'krustlet-csi-'));
  readonly plugins = path.join(this.root, 'plugins');
  readonly backing = path.join(this.root, 'backing');
  readonly directories = new PodDirectories(this.root, { memory: path.join(this.root, 'memory') });
  readonly objects = new ManifestObjects();
  readonly announced: (readonly [string, CsiNodeInfo])[] = [];
  readonly active = new Set<string>();
  /** When the pods of the node are known. */
  knows = Promise.withResolvers<void>();
  settings: CsiDriverSettings = {
    attachRequired: false,
    podInfoOnMount: false,
    lifecycleModes: ['Persistent', 'Ephemeral'],
  };
  attachment: CsiAttachment | undefined;
  /** Fields of the PersistentVolume's source. */
  source: object = {};
  storage: NodeStorage;
  readonly #open = new AsyncDisposableStack();
  #end = new AbortController();
  #running: Promise<void>;

  constructor() {
    this.knows.resolve();
    [this.storage, this.#running] = this.#start();
  }

  async restart(): Promise<void> {
    this.#end.abort();
    await this.#running;
    this.#end = new AbortController();
    [this.storage, this.#running] = this.#start();
  }

  /** A driver that has registered, or was told why it cannot. */
  async driver(init: Partial<MockCsiDriverInit> = {}): Promise<MockCsiDriver> {
    const { plugins: directory, backing: volumes } = this;
    mkdirSync(directory, { recursive: true });
    const driver = new MockCsiDriver({ directory, volumes, name: driverName, ...init });
    this.#open.use(driver);
    await driver.listen();
    await this.until(() => driver.statuses.length > 0);
    return driver;
  }

  async until(check: () => boolean): Promise<void> {
    while (!check()) await setTimeout(5);
  }

  volumesOf(uid: string, volume: object = claimed): PodVolumes {
    this.active.add(uid);
    const pod = parsePod({
      metadata: { name: uid, uid, namespace: 'shop' },
      spec: { containers: [{ name: 'c', image: 'i' }], volumes: [volume] },
    });
    return new PodVolumes({
      manifest: new Manifest(pod),
      directories: this.directories,
      objects: this.objects,
      images: { directory: async () => this.root },
      node: { nodeName: 'n', hostIPs: [], allocatable: {} },
      clock: systemClock,
      claims: this.#claims(),
      csi: this.storage.volumes,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
    await this.#open.disposeAsync();
    rmSync(this.root, { recursive: true });
  }

  #claims(): ClaimedVolumes {
    const claim = {
      metadata: { name: 'claim', uid: 'c' },
      spec: { volumeName: 'pv' },
      status: { phase: 'Bound' },
    };
    const volume = {
      metadata: { name: 'pv' },
      spec: {
        claimRef: { uid: 'c' },
        accessModes: ['ReadWriteMany'],
        mountOptions: ['noatime'],
        csi: { driver: driverName, volumeHandle: 'vol-1', fsType: 'ext4', ...this.source },
      },
    };
    return new ClaimedVolumes({
      reader: {
        claim: async () => parsePersistentVolumeClaim(claim),
        volume: async () => parsePersistentVolume(volume),
      },
      node: () => ({ name: 'n', labels: {} }),
    });
  }

  #start(): [NodeStorage, Promise<void>] {
    const storage = new NodeStorage(
      {
        cluster: {
          settingsOf: async () => this.settings,
          attachment: async () => this.attachment,
          announce: async (name, info) => void this.announced.push([name, info]),
        },
        objects: this.objects,
        directories: this.directories,
        activePods: async () => {
          await this.knows.promise;
          return this.active;
        },
        onChange: () => undefined,
        clock: systemClock,
        log: { info: () => undefined, warn: () => undefined },
      },
      { nodeName: 'n', pluginsDirectory: this.plugins },
    );
    return [storage, storage.run(this.#end)];
  }
}

const requestOf = (driver: MockCsiDriver, method: string) =>
  driver.calls.find((call) => call.method === method)?.request;

describe('NodeStorage', () => {
  it('registers drivers, and announces what they say of the node', async () => {
    await using bench = new Bench();
    const driver = await bench.driver({ topology: { 'example.com/rack': '7' } });
    assert.deepEqual(driver.statuses, ['']);
    const info = { nodeId: 'mock-node', maxVolumes: 7, topology: { 'example.com/rack': '7' } };
    assert.deepEqual(bench.announced, [[driverName, info]]);
  });

  const wrong: readonly [string, Partial<MockCsiDriverInit>, RegExp][] = [
    ['of another version', { supportedVersions: ['0.3.0'] }, /supports 0.3.0, and not 1.x/],
    ['without an id for the node', { nodeId: '' }, /gives the node no id/],
  ];
  for (const [what, init, message] of wrong) {
    it(`tells a driver ${what} why it cannot register`, async () => {
      await using bench = new Bench();
      const driver = await bench.driver(init);
      assert.match(driver.statuses[0] ?? '', message);
      assert.deepEqual(bench.announced, []);
    });
  }

  it('stages and publishes a volume, and takes it back without touching what it holds', async () => {
    await using bench = new Bench();
    const driver = await bench.driver();
    bench.settings = { ...bench.settings, podInfoOnMount: true };
    bench.objects.putSecret(
      parseSecret({ metadata: { name: 's', namespace: 'shop' }, stringData: { key: 'hush' } }),
    );
    const secret = { namespace: 'shop', name: 's' };
    bench.source = {
      volumeAttributes: { tier: 'fast' },
      nodeStageSecretRef: secret,
      nodePublishSecretRef: secret,
    };
    const volumes = bench.volumesOf('u');
    await volumes.mount([]);
    const mounted = volumes.mounted.get('data');
    const target = path.join(
      ...[bench.root, 'pods', 'u', 'volumes', 'kubernetes.io~csi', 'pv', 'mount'],
    );
    assert.deepEqual(mounted, { path: target, readOnly: false });
    writeFileSync(path.join(target, 'file'), 'kept');
    const capability = {
      mount: { fsType: 'ext4', mountFlags: ['noatime'] },
      accessMode: { mode: 5 },
    };
    const staged = requestOf(driver, 'NodeStageVolume');
    assert.ok(staged && 'stagingTargetPath' in staged);
    const { stagingTargetPath } = staged;
    assert.deepEqual(staged, {
      volumeId: 'vol-1',
      publishContext: {},
      stagingTargetPath,
      capability,
      secrets: { key: 'hush' },
      volumeContext: { tier: 'fast' },
    });
    assert.deepEqual(requestOf(driver, 'NodePublishVolume'), {
      volumeId: 'vol-1',
      publishContext: {},
      stagingTargetPath,
      targetPath: target,
      capability,
      readOnly: false,
      secrets: { key: 'hush' },
      volumeContext: {
        tier: 'fast',
        'csi.storage.k8s.io/pod.name': 'u',
        'csi.storage.k8s.io/pod.namespace': 'shop',
        'csi.storage.k8s.io/pod.uid': 'u',
        'csi.storage.k8s.io/serviceAccount.name': 'default',
        'csi.storage.k8s.io/ephemeral': 'false',
      },
    });
    await volumes.remove();
    assert.deepEqual(driver.methods.slice(2), ['NodeUnpublishVolume', 'NodeUnstageVolume']);
    assert.ok(!existsSync(bench.directories.ofPod({ uid: 'u' })));
    assert.ok(!existsSync(String(stagingTargetPath)));
    assert.equal(readFileSync(path.join(bench.backing, 'vol-1', 'file'), 'utf8'), 'kept');
  });

  it('unstages a volume when the last pod is gone that has it', async () => {
    await using bench = new Bench();
    const driver = await bench.driver();
    const [one, two] = [bench.volumesOf('one'), bench.volumesOf('two')];
    await one.mount([]);
    await two.mount([]);
    await one.remove();
    assert.ok(!driver.methods.includes('NodeUnstageVolume'));
    await two.remove();
    assert.equal(driver.methods.at(-1), 'NodeUnstageVolume');
  });

  it('removes nothing of a pod while its volume cannot be taken back', async () => {
    await using bench = new Bench();
    const driver = await bench.driver();
    const volumes = bench.volumesOf('u');
    await volumes.mount([]);
    const target = volumes.mounted.get('data')?.path ?? '';
    driver.failing = 'NodeUnpublishVolume';
    await assert.rejects(volumes.remove(), { message: /out of order/ });
    assert.ok(existsSync(target));
    driver.failing = '';
    rmSync(target);
    mkdirSync(target);
    writeFileSync(path.join(target, 'precious'), '');
    await assert.rejects(volumes.remove(), { message: /is still there$/ });
    assert.ok(existsSync(path.join(target, 'precious')));
  });

  it('gives a volume of a pod itself, without staging it', async () => {
    await using bench = new Bench();
    const driver = await bench.driver();
    const csi = { driver: driverName, volumeAttributes: { size: '1' }, readOnly: true };
    const volumes = bench.volumesOf('u', { name: 'own', csi });
    await volumes.mount([]);
    assert.equal(volumes.mounted.get('own')?.readOnly, true);
    await volumes.remove();
    assert.deepEqual(driver.methods, ['NodePublishVolume', 'NodeUnpublishVolume']);
  });

  it('waits for a volume to be attached, and says that it is in use from then on', async () => {
    await using bench = new Bench();
    const driver = await bench.driver();
    bench.settings = { ...bench.settings, attachRequired: true };
    bench.attachment = { attached: false, metadata: {}, problem: 'no such disk' };
    const volumes = bench.volumesOf('u');
    await assert.rejects(volumes.mount([]), {
      message: /AttachVolume.Attach failed: no such disk/,
    });
    assert.deepEqual(driver.methods, []);
    bench.attachment = { attached: true, metadata: { lun: '3' } };
    await volumes.mount([]);
    const published = requestOf(driver, 'NodePublishVolume');
    assert.ok(published && 'publishContext' in published);
    assert.deepEqual(published.publishContext, { lun: '3' });
    const inUse = ['kubernetes.io/csi/mock.csi.example.com^vol-1'];
    assert.deepEqual(bench.storage.volumes.inUse, inUse);
    await bench.restart();
    await bench.until(() => bench.storage.volumes.inUse.length > 0);
    assert.deepEqual(bench.storage.volumes.inUse, inUse);
  });

  it('needs no driver for a pod that has its volume from an earlier life', async () => {
    await using bench = new Bench();
    const driver = await bench.driver();
    await bench.volumesOf('u').mount([]);
    await driver[Symbol.asyncDispose]();
    await bench.restart();
    const again = bench.volumesOf('u');
    await again.mount([]);
    assert.ok(again.mounted.has('data'));
    assert.equal(driver.methods.filter((name) => name === 'NodePublishVolume').length, 1);
  });

  it('takes away in its next life what pods left that went meanwhile', async () => {
    await using bench = new Bench();
    const driver = await bench.driver();
    await bench.volumesOf('u').mount([]);
    bench.active.clear();
    await bench.restart();
    await bench.until(() => driver.methods.includes('NodeUnstageVolume'));
    assert.ok(driver.methods.includes('NodeUnpublishVolume'));
  });

  it('goes on where it cannot be read what a pod had, and removes nothing of it', async () => {
    await using bench = new Bench();
    const driver = await bench.driver();
    const volumes = bench.volumesOf('u');
    await volumes.mount([]);
    const target = volumes.mounted.get('data')?.path ?? '';
    writeFileSync(path.join(path.dirname(target), 'vol_data.json'), '{');
    bench.active.clear();
    await bench.restart();
    await bench.driver({ name: 'other.csi.example.com' });
    await assert.rejects(bench.volumesOf('u').remove());
    assert.ok(existsSync(target));
    assert.ok(!driver.methods.includes('NodeUnpublishVolume'));
  });

  it('ends at once where it has hardly begun', async () => {
    await using bench = new Bench();
    await bench.driver();
    await bench.volumesOf('u').mount([]);
    bench.knows = Promise.withResolvers<void>();
    await bench.restart();
    await bench.restart();
    bench.knows.resolve();
  });

  it('has a pod wait whose driver is not there', async () => {
    await using bench = new Bench();
    await assert.rejects(bench.volumesOf('u').mount([]), {
      code: 'FailedMount',
      message: /driver name mock.csi.example.com not found in the list of registered CSI drivers/,
    });
  });

  it('refuses a mode that the driver does not have', async () => {
    await using bench = new Bench();
    await bench.driver();
    bench.settings = { ...bench.settings, lifecycleModes: ['Persistent'] };
    const csi = { name: 'own', csi: { driver: driverName } };
    await assert.rejects(bench.volumesOf('u', csi).mount([]), {
      message: /volume mode "Ephemeral" not supported by driver/,
    });
  });
});
