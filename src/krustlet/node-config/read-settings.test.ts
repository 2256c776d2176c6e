import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { nodeConfig } from './node-config.ts';
import { nodeSettings, type SettingName } from './node-settings.ts';
import { readSettings } from './read-settings.ts';
import type { Setting } from './setting.ts';

const nothing = { flags: {}, env: {} };

describe('readSettings', () => {
  it('takes a flag before the environment, that before --config, that before config.json', () => {
    const env = { KRUSTLET_PORT: '2' };
    const kubeletConfiguration = { port: 3 };
    const configFile = { listenerPort: 4 };
    const port = (sources: object) => readSettings({ ...nothing, ...sources }).listenerPort;
    assert.equal(port({ configFile }), 4);
    assert.equal(port({ configFile, kubeletConfiguration }), 3);
    assert.equal(port({ configFile, kubeletConfiguration, env }), 2);
    const flags = { listenerPort: '1' };
    assert.equal(port({ configFile, kubeletConfiguration, env, flags }), 1);
  });

  it('replaces a map as a whole', () => {
    const env = { NODE_LABELS: 'a=1,b=x=y' };
    const configFile = { nodeLabels: { c: '3' } };
    const { nodeLabels } = readSettings({ flags: {}, env, configFile });
    assert.deepEqual(nodeLabels, { a: '1', b: 'x=y' });
  });

  const upstreamKeys: readonly [string, unknown, SettingName, unknown][] = [
    ['listenerAddress', '::', 'listenerAddress', '::'],
    ['maxPods', 7, 'maxPods', 7],
    ['tlsCertificateFile', '/c', 'tlsCertificateFile', '/c'],
    ['tlsPrivateKeyFile', '/k', 'tlsPrivateKeyFile', '/k'],
    ['nodeIP', '10.0.0.1', 'nodeIP', '10.0.0.1'],
    ['node_labels', { a: 'b' }, 'nodeLabels', { a: 'b' }],
    ['hostname', 'h', 'hostname', 'h'],
    ['nodeName', 'n', 'nodeName', 'n'],
    ['dataDir', '/d', 'dataDir', '/d'],
    ['bootstrapFile', '/b', 'bootstrapFile', '/b'],
    ['pluginsDir', '/p', 'pluginsDir', '/p'],
    ['devicePluginsDir', '/q', 'devicePluginsDir', '/q'],
    ['allowLocalModules', true, 'allowLocalModules', true],
    ['insecureRegistries', ['r:1'], 'insecureRegistries', ['r:1']],
  ];
  for (const [key, value, name, expected] of upstreamKeys) {
    it(`honours ${key} of config.json`, () => {
      const settings = readSettings({ ...nothing, configFile: { [key]: value } });
      assert.deepEqual(settings[name], expected);
    });
  }

  it('reads a KubeletConfiguration down into its objects', () => {
    const kubeletConfiguration = {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      staticPodPath: '/etc/pods',
      authentication: { x509: { clientCAFile: '/ca' } },
      evictionHard: { 'memory.available': '200Mi' },
      featureGates: { ExtendWebSocketsToKubelet: false },
      shutdownGracePeriod: '1m30s',
    };
    assert.deepEqual(readSettings({ ...nothing, kubeletConfiguration }), {
      podManifestPath: '/etc/pods',
      clientCAFile: '/ca',
      evictionHard: { 'memory.available': '200Mi' },
      featureGates: { ExtendWebSocketsToKubelet: false },
      shutdownGracePeriod: 90,
    });
  });

  const wrong: readonly [object, RegExp][] = [
    [{ flags: { listenerPort: '99999' } }, /--port '99999' failed: give a port from 1 to 65535/],
    [{ env: { KRUSTLET_ADDRESS: 'home' } }, /KRUSTLET_ADDRESS 'home' failed: give an IP address/],
    [{ configFile: { maxPods: 0 } }, /maxPods in config.json '0' failed: give a whole number/],
    [{ configFile: { maxPod: 1 } }, /unknown key 'maxPod', did you mean 'maxPods'/],
    [{ configFile: [] }, /config.json failed: it holds no object/],
    [{ env: { NODE_LABELS: 'zone' } }, /NODE_LABELS 'zone' failed: give pairs/],
    [{ kubeletConfiguration: { staticPodPaths: '/x' } }, /did you mean 'staticPodPath'/],
    [
      { kubeletConfiguration: { authentication: { x509: { caFile: '/x' } } } },
      /unknown key 'authentication.x509.caFile'/,
    ],
  ];
  for (const [sources, message] of wrong) {
    it(`refuses ${JSON.stringify(sources)}`, () => {
      assert.throws(() => readSettings({ ...nothing, ...sources }), message);
    });
  }
});

describe('nodeSettings', () => {
  const places: readonly [string, (setting: Setting<unknown>) => readonly string[]][] = [
    ['flag', ({ flag, short }) => [flag, short].filter((name) => name !== undefined)],
    ['variable', ({ env }) => (env === undefined ? [] : [env])],
    ['key of config.json', ({ file }) => file ?? []],
    ['key of a KubeletConfiguration', ({ kubelet }) => (kubelet === undefined ? [] : [kubelet])],
  ];
  for (const [what, namesOf] of places) {
    it(`has no ${what} twice`, () => {
      const names = Object.values(nodeSettings).flatMap((setting) => namesOf(setting));
      assert.ok(names.length > 0);
      assert.equal(new Set(names).size, names.length);
    });
  }
});

describe('nodeConfig', () => {
  it('has upstream defaults', () => {
    const config = nodeConfig({ hostname: 'Machine-1' });
    assert.equal(config.nodeName, 'machine-1');
    assert.equal(config.listenerPort, 3000);
    assert.equal(config.dataDir, path.join(os.homedir(), '.krustlet'));
    assert.equal(config.tlsCertificateFile, path.join(config.dataDir, 'config', 'krustlet.crt'));
    assert.equal(config.bootstrapFile, '/etc/kubernetes/bootstrap-kubelet.conf');
  });

  it('lets what was given win', () => {
    assert.equal(nodeConfig({ maxPods: 1000 }).maxPods, 1000);
  });
});
