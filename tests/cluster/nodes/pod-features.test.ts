import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { configMaps, pods, secrets } from '../../../src/kubelet/cluster/core-resources.ts';
import type { Pod } from '../../../src/kubelet/pods/schema/pod.ts';
import { ScriptedImage } from '../../registry/scripted-image.ts';
import { ScriptedServer } from '../../registry/scripted-server.ts';
import { tarArchive } from '../../registry/tar-archive.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { container, containerProcesses, forever, isPodReady, NodeBench } from './node-bench.ts';
import { SmallDisk } from './small-disk.ts';

const never = { restartPolicy: 'Never' };
const modules = path.resolve(import.meta.dirname, '../../../examples/modules');
const wasmerciser = readFileSync(path.join(modules, 'wasmerciser.wasm'));
const hasSucceeded = ({ status }: Pod) => status.phase === 'Succeeded';
const app = ({ status }: Pod) => status.containerStatuses[0];
const often = { periodSeconds: 1, failureThreshold: 1 };
/** Mebibytes of the node's disk. */
const diskSize = 256;

/** An image of files as container tools make them. */
async function imageOf(files: Readonly<Record<string, string | Buffer>>, settings: object = {}) {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content }));
  const bytes = gzipSync(await tarArchive(entries));
  const config = { os: 'wasip1', architecture: 'wasm', config: settings };
  return new ScriptedImage([{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', bytes }], {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    bytes: Buffer.from(JSON.stringify(config)),
  });
}

describe('what pods ask for', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  const open = new AsyncDisposableStack();
  let bench: NodeBench;

  before(async () => {
    const disk = open.use(new SmallDisk(diskSize));
    const flags = ['--eviction-hard=memory.available=1Mi,nodefs.available=30%'];
    bench = open.use(await NodeBench.start({ dataDir: path.join(disk.path, 'data'), flags }));
  });
  after(() => open.disposeAsync());

  /** Where an emptyDir of a pod lies on the node. */
  const directoryOf = ({ metadata }: Pod, volume: string): string =>
    path.join(
      ...[bench.node.dataDir, 'pods', metadata.uid],
      ...['volumes', 'kubernetes.io~empty-dir', volume],
    );
  const state = (name: string) => ({ name, mountPath: `/${name}` });
  const refers = (reason: RegExp) => async () =>
    (await bench.events('doctored')).some((line) => reason.test(line));

  it('probes what the guest serves', async () => {
    const port = 8080;
    await bench.create('web', [], {
      containers: [
        {
          name: 'app',
          image: `file:${path.join(modules, 'web.wasm')}`,
          ports: [{ name: 'http', containerPort: port }],
          startupProbe: { ...often, failureThreshold: 20, tcpSocket: { port } },
          livenessProbe: { ...often, tcpSocket: { port: 'http' } },
          readinessProbe: { ...often, httpGet: { path: '/', port: 'http' } },
        },
      ],
    });
    await bench.until('web', isPodReady);
    await bench.delete('web');
  });

  it('runs probes in the container, and restarts it when it is not alive', async () => {
    const probe = (file: string) => ({ exec: { command: ['test', '-e', `/state/${file}`] } });
    await bench.create('doctored', [], {
      volumes: [{ name: 'state', emptyDir: {} }],
      containers: [
        container('app', ['write(lit:yes)to(file:/state/alive)', forever], {
          volumeMounts: [state('state')],
          startupProbe: { ...often, failureThreshold: 60, ...probe('started') },
          livenessProbe: { ...often, ...probe('alive') },
          readinessProbe: { ...often, ...probe('ready') },
        }),
      ],
    });
    const pod = await bench.until('doctored', (seen) => app(seen)?.state.running !== undefined);
    assert.equal(app(pod)?.started, false);
    const file = (name: string) => path.join(directoryOf(pod, 'state'), name);
    writeFileSync(file('started'), '');
    assert.equal(
      app(await bench.until('doctored', (seen) => app(seen)?.started === true))?.ready,
      false,
    );
    writeFileSync(file('ready'), '');
    await bench.until('doctored', isPodReady);
    rmSync(file('ready'));
    await bench.until('doctored', (seen) => !isPodReady(seen));
    rmSync(file('alive'));
    await bench.until('doctored', (seen) => app(seen)?.restartCount === 1);
    await bench.eventually(refers(/^Warning Unhealthy: Liveness probe failed/));
    await bench.eventually(refers(/^Normal Killing: .*failed liveness probe/));
    await bench.delete('doctored');
  });

  it('knows a pod by its name, and hears its last words', async () => {
    const say = 'write(env:HOSTNAME)to(file:/dev/termination-log)';
    await bench.create('named', [say, 'exit(lit:3)'], never);
    const pod = await bench.until('named', ({ status }) => status.phase === 'Failed');
    const { exitCode, message } = app(pod)?.state.terminated ?? {};
    assert.deepEqual([exitCode, message], [3, 'named']);
    await bench.delete('named');
  });

  it('tells in order how a container starts', async () => {
    await bench.create('told', ['exit(lit:0)'], never);
    await bench.until('told', hasSucceeded);
    const reasons = async () => (await bench.events('told')).map((line) => line.split(':')[0]);
    const wanted = ['Normal Pulled', 'Normal Created', 'Normal Started'];
    await bench.eventually(async () => (await reasons()).length === wanted.length);
    assert.deepEqual(await reasons(), wanted);
    await bench.delete('told');
  });

  it('asks the health service of gRPC at the address of the pod', async () => {
    const port = 7_000;
    await bench.create('health', [], {
      containers: [container('app', [forever], { readinessProbe: { ...often, grpc: { port } } })],
    });
    const { status } = await bench.until('health', (pod) => app(pod)?.started === true);
    let answer = 1;
    const server = http2.createServer().listen(port, status.podIP);
    server.on('stream', (stream: http2.ServerHttp2Stream) => {
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 0x08, answer]));
    });
    await once(server, 'listening');
    await bench.until('health', isPodReady);
    answer = 2;
    await bench.until('health', (pod) => !isPodReady(pod));
    server.close();
    await bench.delete('health');
  });

  it('runs sidecars beside init containers and the app, and ends them last', async () => {
    const journal = path.join(bench.node.directory, 'journal');
    mkdirSync(journal);
    chmodSync(journal, 0o777);
    const noting = (name: string, args: readonly string[], fields: object = {}) =>
      container(name, [`append(lit:${name})to(file:/journal/order)`, ...args], {
        volumeMounts: [state('journal')],
        ...fields,
      });
    await bench.create('helped', [], {
      ...never,
      volumes: [{ name: 'journal', hostPath: { path: journal } }],
      initContainers: [
        noting('sidecar', [forever], { restartPolicy: 'Always' }),
        noting('prepare', ['sleep(lit:100)']),
      ],
      containers: [noting('app', ['sleep(lit:100)'])],
    });
    const pod = await bench.until('helped', hasSucceeded);
    const order = readFileSync(path.join(journal, 'order'), 'utf8').trim().split('\n');
    assert.deepEqual(order.toSorted(), ['app', 'prepare', 'sidecar']);
    assert.ok(order.indexOf('prepare') < order.indexOf('app'));
    const [sidecar, prepare] = pod.status.initContainerStatuses;
    assert.equal(prepare?.state.terminated?.exitCode, 0);
    const sidecarEnd = sidecar?.state.terminated?.finishedAt ?? '';
    assert.ok(sidecarEnd >= (app(pod)?.state.terminated?.finishedAt ?? '-'));
    assert.equal(containerProcesses().size, 0);
  });

  it('mounts images', async () => {
    const image = await imageOf({ 'words/one': 'from an image' });
    await using registry = await ScriptedServer.start(image.script);
    await bench.create('reader', [], {
      ...never,
      volumes: [{ name: 'data', image: { reference: `${registry.host}/data:1` } }],
      containers: [
        container('app', ['write(file:/data/words/one)to(stm:stdout)'], {
          volumeMounts: [state('data')],
        }),
      ],
    });
    await bench.until('reader', hasSucceeded);
    assert.match(await bench.logOf('reader'), /^from an image$/m);
  });

  it("runs as the image's user, and not as one that may be root where it must not", async () => {
    for (const user of ['65532', 'nonroot']) {
      const image = await imageOf(
        { 'app.wasm': wasmerciser },
        { User: user, Entrypoint: ['/app.wasm'] },
      );
      await using registry = await ScriptedServer.start(image.script);
      await bench.create(`as-${user}`, [], {
        securityContext: { runAsNonRoot: true },
        containers: [{ name: 'app', image: `${registry.host}/app:${user}`, args: [forever] }],
      });
      if (user === 'nonroot') {
        const pod = await bench.until(
          `as-${user}`,
          (seen) => app(seen)?.state.waiting?.reason === 'CreateContainerConfigError',
        );
        assert.match(app(pod)?.state.waiting?.message ?? '', /non-numeric user \(nonroot\)/);
      } else {
        await bench.until(`as-${user}`, isPodReady);
        const [pid] = containerProcesses().keys();
        assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^Uid:\t65532\t/m);
      }
      await bench.delete(`as-${user}`);
    }
  });

  it('shows running guests what has changed in their volumes', async () => {
    const { admin, namespace } = bench;
    const metadata = { name: 'live', namespace };
    await bench.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { text: 'config-1' } },
      { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { text: 'secret-1' } },
    );
    const labels = { path: 'text', fieldRef: { fieldPath: "metadata.annotations['text']" } };
    const kinds = ['config', 'secret', 'fields'] as const;
    await bench.create('live', [], {
      volumes: [
        { name: 'config', configMap: { name: 'live' } },
        { name: 'secret', secret: { secretName: 'live' } },
        { name: 'fields', downwardAPI: { items: [labels] } },
      ],
      containers: kinds.map((kind) =>
        container(kind, [`follow(file:/${kind}/text)to(stm:stdout)`], {
          volumeMounts: [state(kind)],
        }),
      ),
    });
    await bench.until('live', isPodReady);
    const merge = (body: object) => ({ kind: 'merge', body }) as const;
    const text = Buffer.from('secret-2').toString('base64');
    await admin.patch(configMaps, metadata, merge({ data: { text: 'config-2' } }));
    await admin.patch(secrets, metadata, merge({ data: { text } }));
    await admin.patch(pods, metadata, merge({ metadata: { annotations: { text: 'fields-2' } } }));
    for (const kind of kinds) {
      await bench.eventually(async () => (await bench.logOf('live', kind)).includes(`${kind}-2`));
    }
    await bench.delete('live');
  });

  it('ends a pod that takes more of the disk than it may, or than there is', async () => {
    const volumes = (emptyDir: object) => [{ name: 'state', emptyDir }];
    for (const [name, emptyDir] of [
      ['modest', {}],
      ['swollen', { sizeLimit: '1Mi' }],
      ['greedy', {}],
    ] as const) {
      await bench.create(name, [forever], { volumes: volumes(emptyDir) });
    }
    const [modest, swollen, greedy] = await Promise.all(
      ['modest', 'swollen', 'greedy'].map((name) => bench.until(name, isPodReady)),
    );
    assert.ok(modest && swollen && greedy);
    const write = (pod: Pod, mebibytes: number) =>
      writeFileSync(
        path.join(directoryOf(pod, 'state'), 'bulk'),
        Buffer.alloc(mebibytes * 2 ** 20),
      );
    write(swollen, 2);
    write(greedy, diskSize * 0.75);
    for (const [name, message, isDisruption] of [
      ['swollen', /Usage of EmptyDir volume "state" exceeds the limit "1Mi"/, false],
      ['greedy', /The node was low on resource: ephemeral-storage/, true],
    ] as const) {
      const { status } = await bench.until(name, (pod) => pod.status.phase === 'Failed');
      assert.equal(status.reason, 'Evicted');
      assert.match(status.message ?? '', message);
      const types = status.conditions.map(({ type }) => type);
      assert.equal(types.includes('DisruptionTarget'), isDisruption, name);
    }
    await bench.untilNode(
      ({ status }) =>
        status?.conditions?.some(
          ({ type, status: is }) => type === 'DiskPressure' && is === 'True',
        ) ?? false,
    );
    assert.ok(isPodReady(await bench.until('modest', () => true)));
    const { stdout } = await bench.kubectl.run('describe', 'node', bench.node.name);
    assert.match(
      stdout,
      /Warning +EvictionThresholdMet .* Attempting to reclaim ephemeral-storage/,
    );
  });
});
