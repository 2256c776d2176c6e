import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import loadWabt from 'wabt';
import type { Pod } from '../../src/kubelet/pods/schema/pod.ts';
import { skipWithout } from '../cluster/tools.ts';
import { TestRegistry } from '../registry/test-registry.ts';
import { MockCsiDriver } from '../support/mock-csi-driver.ts';
import { MockDevicePlugin } from '../support/mock-device-plugin.ts';
import { E2eNamespace } from './e2e-namespace.ts';
import { type E2eTarget, findE2eTarget } from './e2e-target.ts';
import { sendingGuest } from './sending-guest.ts';

const wabt = await loadWabt();
const root = path.resolve(import.meta.dirname, '../..');

const secret = {
  ms1: 'tell nobody',
  ms2: 'but the password is',
  ms3: 'wait was that a foot-- aargh!!!',
};
const configMap = { mcm1: 'value1', mcm2: 'value two', mcm5: 'VALUE NUMBER FIVE' };
const missing = 'ERR: Failed with File /nope.nope.nope.txt was expected to exist but did not';

/** Krustlet 1's end-to-end tests, under the names that they have there. */
describe('what Krustlet 1 was tested for', () => {
  let target: E2eTarget;

  before(async () => {
    target = await findE2eTarget();
  });

  it('test_wasi_node_should_verify', () => {
    const { metadata, spec, status } = target.node;
    assert.equal(status?.nodeInfo?.architecture, 'wasm32-wasi');
    assert.equal(metadata.labels?.['kubernetes.io/arch'], 'wasm32-wasi');
    for (const effect of ['NoExecute', 'NoSchedule']) {
      const taint = spec?.taints?.find(
        (each) => each.key === 'kubernetes.io/arch' && each.effect === effect,
      );
      assert.equal(taint?.value, 'wasm32-wasi');
    }
  });

  it('test_pod_logs_and_mounts', async () => {
    await using namespace = await E2eNamespace.create(target, 'pod-logs-and-mounts');
    await namespace.createSecret('hello-wasi-secret', { myval: 'a cool secret' });
    await namespace.createConfigMap('hello-wasi-configmap', { myval: 'a cool configmap' });
    using directory = new SharedDirectory();
    const mounts = { foo: 'secret-test', bar: 'configmap-test', baz: 'hostpath-test' };
    const args = [
      'read(file:/foo/myval)to(var:secret)',
      'read(file:/bar/myval)to(var:configmap)',
      'write(var:secret)to(file:/baz/secret)',
      'write(var:configmap)to(file:/baz/configmap)',
      'write(lit:Hello, world!)to(stm:stdout)',
    ];
    const volumeMounts = Object.entries(mounts).map(([folder, name]) => ({
      mountPath: `/${folder}`,
      name,
    }));
    const pod = await namespace.run('hello-wasi', [{ name: 'hello-wasi', args, volumeMounts }], {
      volumes: [
        { name: 'secret-test', secret: { secretName: 'hello-wasi-secret' } },
        { name: 'configmap-test', configMap: { name: 'hello-wasi-configmap' } },
        directory.volume('hostpath-test'),
      ],
    });
    assertSucceeded(pod);
    assert.match(await namespace.log('hello-wasi', 'hello-wasi'), /^Hello, world!$/m);
    if (!target.isLocal) return;
    assert.equal(directory.read('secret'), 'a cool secret');
    assert.equal(directory.read('configmap'), 'a cool configmap');
  });

  const multiple = [
    {
      title: 'test_can_mount_multi_values',
      pod: 'multi-mount-pod',
      items: false,
      present: ['/mcm/mcm1', '/mcm/mcm2', '/mcm/mcm5', '/ms/ms1', '/ms/ms2', '/ms/ms3'],
      absent: [],
      read: ['/mcm/mcm1', '/mcm/mcm5', '/ms/ms1', '/ms/ms3'],
    },
    {
      title: 'test_can_mount_individual_values',
      pod: 'multi-mount-items-pod',
      items: true,
      present: ['/mcm/mcm1', '/mcm/mcm-five', '/ms/ms1', '/ms/ms-three'],
      absent: ['/mcm/mcm2', '/ms/ms2'],
      read: ['/mcm/mcm1', '/mcm/mcm-five', '/ms/ms1', '/ms/ms-three'],
    },
  ];
  for (const { title, pod: name, items, present, absent, read } of multiple) {
    it(title, async () => {
      await using namespace = await E2eNamespace.create(target, name);
      await namespace.createSecret('multi-secret', secret);
      await namespace.createConfigMap('multi-configmap', configMap);
      const args = [
        ...present.map((file) => `assert_exists(file:${file})`),
        ...absent.map((file) => `assert_not_exists(file:${file})`),
        ...read.map((file, index) => `read(file:${file})to(var:v${index})`),
        ...read.map((_, index) => `write(var:v${index})to(stm:stdout)`),
      ];
      const chosen = (keys: Readonly<Record<string, string>>) =>
        items ? { items: Object.entries(keys).map(([key, path]) => ({ key, path })) } : {};
      const volumeMounts = [
        { name: 'multicm', mountPath: '/mcm' },
        { name: 'multisecret', mountPath: '/ms' },
      ];
      const pod = await namespace.run(name, [{ name: 'multimount', args, volumeMounts }], {
        volumes: [
          {
            name: 'multicm',
            configMap: {
              name: 'multi-configmap',
              ...chosen({ mcm1: 'mcm1', mcm5: 'mcm-five' }),
            },
          },
          {
            name: 'multisecret',
            secret: { secretName: 'multi-secret', ...chosen({ ms1: 'ms1', ms3: 'ms-three' }) },
          },
        ],
      });
      assertSucceeded(pod);
      const log = await namespace.log(name, 'multimount');
      for (const text of [configMap.mcm1, configMap.mcm5, secret.ms1, secret.ms3]) {
        assert.ok(log.includes(text), log);
      }
    });
  }

  it('test_container_args', async () => {
    await using namespace = await E2eNamespace.create(target, 'container-args');
    const args = ['write(lit:arg1)to(stm:stdout)', 'write(lit:arg2)to(stm:stdout)'];
    const pod = await namespace.run('hello-world-verbose', [{ name: 'verbose', args }]);
    assertSucceeded(pod);
    assert.match(await namespace.log('hello-world-verbose', 'verbose'), /^arg1\narg2$/m);
  });

  it('test_container_logging', async () => {
    await using namespace = await E2eNamespace.create(target, 'container-logging');
    assertSucceeded(await namespace.run('loggy-pod', cats()));
    assert.match(await namespace.log('loggy-pod', 'floofycat'), /^slats$/m);
    assert.match(await namespace.log('loggy-pod', 'neatcat'), /^kiki$/m);
  });

  it('test_module_exiting_with_error', async () => {
    await using namespace = await E2eNamespace.create(target, 'module-exit-error');
    const args = ['assert_exists(file:/nope.nope.nope.txt)'];
    const { status } = await namespace.run('faily-pod', [{ name: 'faily-pod', args }]);
    assert.equal(status.phase, 'Failed');
    assert.equal(status.containerStatuses[0]?.state.terminated?.exitCode, 1);
    assert.ok((await namespace.log('faily-pod', 'faily-pod')).includes(missing));
  });

  it('test_init_containers', async () => {
    await using namespace = await E2eNamespace.create(target, 'init-containers');
    using directory = new SharedDirectory();
    const volumeMounts = [{ name: 'hostpath-test', mountPath: '/hp' }];
    const init = (name: string, cat: string, text: string) => ({
      name,
      args: [`write(lit:${text})to(file:/hp/${cat}.txt)`],
      volumeMounts,
    });
    const name = 'hello-wasi-with-inits';
    const args = [
      'assert_exists(file:/hp/floofycat.txt)',
      'assert_exists(file:/hp/neatcat.txt)',
      'read(file:/hp/floofycat.txt)to(var:fcat)',
      'assert_value(var:fcat)is(lit:slats)',
      'write(var:fcat)to(stm:stdout)',
    ];
    const pod = await namespace.run(name, [{ name, args, volumeMounts }], {
      initContainers: [init('init-1', 'floofycat', 'slats'), init('init-2', 'neatcat', 'kiki')],
      volumes: [directory.volume('hostpath-test')],
    });
    assertSucceeded(pod);
    assert.match(await namespace.log(name, name), /^slats$/m);
    const { initContainerStatuses, containerStatuses } = pod.status;
    assert.deepEqual(
      [...initContainerStatuses, ...containerStatuses].map((each) => [
        each.name,
        each.state.terminated?.reason,
      ]),
      [
        ['init-1', 'Completed'],
        ['init-2', 'Completed'],
        [name, 'Completed'],
      ],
    );
  });

  it('test_failing_init_containers', async () => {
    await using namespace = await E2eNamespace.create(target, 'failing-init-containers');
    const name = 'faily-inits-pod';
    const { status } = await namespace.run(
      name,
      [{ name, args: ['assert_exists(file:/also.nope.txt)'] }],
      {
        initContainers: [
          { name: 'init-that-fails', args: ['assert_exists(file:/nope.nope.nope.txt)'] },
          {
            name: 'init-that-would-succeed-if-it-ran',
            args: ['write(lit:slats)to(stm:stdout)'],
          },
        ],
      },
    );
    assert.equal(status.phase, 'Failed');
    const [failed, other] = status.initContainerStatuses;
    assert.equal(failed?.state.terminated?.exitCode, 1);
    assert.equal(other?.state.waiting?.reason, 'PodInitializing');
    assert.equal(status.containerStatuses[0]?.state.waiting?.reason, 'PodInitializing');
    assert.ok((await namespace.log(name, 'init-that-fails')).includes(missing));
  });

  it('test_pull_from_private_registry', { skip: skipWithout('registry') }, async (test) => {
    if (!target.isLocal) return test.skip('the registry of this machine is out of reach');
    await using registry = await TestRegistry.start({ auth: true });
    await using namespace = await E2eNamespace.create(target, 'private-registry');
    const image = `${registry.host}/private/wasmerciser:1`;
    const { username, password } = TestRegistry;
    const auth = Buffer.from(`${username}:${password}`).toString('base64');
    const auths = { [registry.host]: { auth } };
    pushTo(image, auths);
    const type = 'kubernetes.io/dockerconfigjson';
    await namespace.createSecret('keys', { '.dockerconfigjson': JSON.stringify({ auths }) }, type);
    const name = 'private-registry-pod';
    const containers = cats().map((cat) => ({ ...cat, image }));
    assertSucceeded(
      await namespace.run(name, containers, { imagePullSecrets: [{ name: 'keys' }] }),
    );
    assert.match(await namespace.log(name, 'floofycat'), /^slats$/m);
    assert.match(await namespace.log(name, 'neatcat'), /^kiki$/m);
  });

  it('test_pod_mounts_with_projected', async () => {
    await using namespace = await E2eNamespace.create(target, 'pod-mounts-with-projected');
    await namespace.createSecret('a-secret', { mysecret: 'cool-secret' });
    await namespace.createConfigMap('a-configmap', { myval: 'cool-configmap' });
    const args = [
      'assert_exists(file:/projected/token)',
      'read(file:/projected/mysecret)to(var:mysecret)',
      'read(file:/projected/myval)to(var:myval)',
      'read(file:/projected/pod_name)to(var:pod_name)',
      'assert_value(var:mysecret)is(lit:cool-secret)',
      'assert_value(var:myval)is(lit:cool-configmap)',
      'assert_value(var:pod_name)is(lit:projected-volume-pod)',
    ];
    const sources = [
      { serviceAccountToken: { expirationSeconds: 3600, path: 'token' } },
      { configMap: { name: 'a-configmap' } },
      { secret: { name: 'a-secret' } },
      {
        downwardAPI: {
          items: [{ path: 'pod_name', fieldRef: { fieldPath: 'metadata.name' } }],
        },
      },
    ];
    const volumeMounts = [{ name: 'projected', mountPath: '/projected' }];
    const pod = await namespace.run(
      'projected-volume-pod',
      [{ name: 'projected-test', args, volumeMounts }],
      { volumes: [{ name: 'projected', projected: { sources } }] },
    );
    assertSucceeded(pod);
  });

  it('test_experimental_wasi_http_pod', async (test) => {
    if (!target.isLocal) return test.skip('a server of this machine may be out of reach');
    await using namespace = await E2eNamespace.create(target, 'experimental-http');
    const addresses = target.node.status?.addresses ?? [];
    const host = addresses.find(({ type }) => type === 'InternalIP')?.address;
    await using server = createServer((_request, response) => response.end()).listen(0, host);
    await once(server, 'listening');
    // That of a server that listens on a port.
    const { port } = server.address() as AddressInfo;
    const url = `http://${host}:${port}`;
    using directory = new SharedDirectory();
    const image = directory.module('postman-echo', sendingGuest(`${url}/get`));
    const name = 'experimental-wasi-http';
    const pod = await namespace.run(name, [{ name, args: [], image }], {
      annotations: {
        'alpha.wasi.krustlet.dev/allowed-domains': JSON.stringify([url]),
        'alpha.wasi.krustlet.dev/max-concurrent-requests': '42',
      },
    });
    assertSucceeded(pod);
    assert.match(await namespace.log(name, name), /200 OK/);
  });

  it('test_pod_mounts_with_pvc', async (test) => {
    if (!target.isLocal) return test.skip('the plugins of the node may be out of reach');
    await using namespace = await E2eNamespace.create(target, 'pod-mounts-with-pvc');
    using directory = new SharedDirectory();
    const name = 'mock.csi.krustlet.dev';
    await using driver = new MockCsiDriver({
      directory: await namespace.nodeDirectory('pluginsDir'),
      volumes: directory.path,
      name,
    });
    await driver.listen();
    await using _driver = await namespace.useCsiDriver(name, namespace.name);
    await namespace.createClaim('pvc-test', namespace.name);
    const args = [
      'write(lit:watch out for the csi)to(file:/pvc/file.txt)',
      'read(file:/pvc/file.txt)to(var:text)',
      'assert_value(var:text)is(lit:watch out for the csi)',
    ];
    const volumeMounts = [{ name: 'data', mountPath: '/pvc' }];
    const pod = await namespace.run('pvc-pod', [{ name: 'pvc-test', args, volumeMounts }], {
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'pvc-test' } }],
    });
    assertSucceeded(pod);
    assert.ok(driver.methods.includes('NodePublishVolume'));
  });
  it('test_pod_with_device_plugin_resource', async (test) => {
    if (!target.isLocal) return test.skip('the plugins of the node may be out of reach');
    await using namespace = await E2eNamespace.create(target, 'device-plugin');
    using shared = new SharedDirectory();
    const resource = 'example.com/mock-plugin';
    await using plugin = new MockDevicePlugin({
      directory: await namespace.nodeDirectory('devicePluginsDir'),
      resource,
      devices: { 'test-device': 'Healthy' },
      allocation: () => ({
        envs: { DEVICE_PLUGIN_VAR: 'foo' },
        mounts: [{ hostPath: shared.path, containerPath: '/gate', readOnly: false }],
      }),
    });
    await plugin.listen();
    await plugin.register();
    await namespace.untilNodeHas(resource, '1');
    const args = [
      'assert_value(env:DEVICE_PLUGIN_VAR)is(lit:foo)',
      'write(lit:watch out for the device)to(file:/gate/file.txt)',
    ];
    const name = 'device-plugin-pod';
    const resources = { limits: { [resource]: '1' } };
    assertSucceeded(await namespace.run(name, [{ name, args, resources }]));
    const written = readFileSync(path.join(shared.path, 'file.txt'), 'utf8');
    assert.equal(written, 'watch out for the device');
  });
});

function cats(): readonly { readonly name: string; readonly args: readonly string[] }[] {
  return [
    { name: 'floofycat', args: ['write(lit:slats)to(stm:stdout)'] },
    { name: 'neatcat', args: ['write(lit:kiki)to(stm:stdout)'] },
  ];
}

function assertSucceeded({ status }: Pod): void {
  assert.equal(status.phase, 'Succeeded', JSON.stringify(status, null, 1));
  for (const { state } of status.containerStatuses) assert.equal(state.terminated?.exitCode, 0);
}

/** A folder of the node's machine that containers of any user may write to. */
class SharedDirectory implements Disposable {
  readonly path = mkdtempSync(path.join(os.tmpdir(), 'krustlet-e2e-'));

  constructor() {
    chmodSync(this.path, 0o777);
  }

  volume(name: string): object {
    return { name, hostPath: { path: this.path, type: 'DirectoryOrCreate' } };
  }

  read(file: string): string {
    return readFileSync(path.join(this.path, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.path, file), text);
  }

  /** Compiles a module, and gives it as an image. */
  module(name: string, text: string): string {
    const file = path.join(this.path, `${name}.wasm`);
    const module = wabt.parseWat(file, text);
    writeFileSync(file, module.toBinary({}).buffer);
    module.destroy();
    return `file:${file}`;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Pushes the wasmerciser as users push modules, with credentials as `docker login` leaves them. */
function pushTo(reference: string, auths: object): void {
  using directory = new SharedDirectory();
  directory.write('config.json', JSON.stringify({ auths }));
  const program = path.join(root, 'bin', 'krustlet.js');
  const module = path.join(root, 'examples', 'modules', 'wasmerciser.wasm');
  const { status, stderr } = spawnSync(process.execPath, [program, 'push', module, reference], {
    encoding: 'utf8',
    env: { ...process.env, DOCKER_CONFIG: directory.path },
  });
  assert.equal(status, 0, stderr);
}
