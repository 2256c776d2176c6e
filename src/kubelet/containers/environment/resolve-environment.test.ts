import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parseConfigMap, parsePod, parseSecret } from '../../pods/parse-pod.ts';
import { ManifestObjects } from '../../standalone/manifest-objects.ts';
import { resolveEnvironment } from './resolve-environment.ts';

const objects = new ManifestObjects();
objects.putConfigMap(
  parseConfigMap({ metadata: { name: 'settings' }, data: { color: 'red', size: 'L' } }),
);
objects.putSecret(parseSecret({ metadata: { name: 'keys' }, stringData: { token: 'hush' } }));

async function resolve(fields: object, init: { volumes?: Map<string, string> } = {}) {
  const pod = parsePod({
    metadata: {
      name: 'web',
      uid: 'u1',
      labels: { app: 'shop', 'example.com/tier': 'front' },
      annotations: { note: 'a "b"\nc' },
    },
    spec: {
      nodeName: 'n1',
      serviceAccountName: 'robot',
      containers: [
        {
          name: 'app',
          image: 'i',
          resources: { limits: { cpu: '1500m', memory: '64Mi' }, requests: { cpu: '10m' } },
          ...fields,
        },
        { name: 'other', image: 'i', resources: { limits: { memory: '1Gi' } } },
      ],
    },
  });
  const [container] = pod.spec.containers;
  assert.ok(container);
  const variables = await resolveEnvironment({
    pod,
    container,
    podIPs: ['127.64.0.2', '::2'],
    node: { nodeName: 'n1', hostIPs: ['10.0.0.1', '::1'], allocatable: { cpu: '4' } },
    objects,
    serviceVariables: new Map([['KUBERNETES_SERVICE_HOST', '10.96.0.1']]),
    volumes: init.volumes ?? new Map(),
  });
  return Object.fromEntries([...variables].filter(([name]) => !name.startsWith('KUBERNETES_')));
}

const field = (fieldPath: string) => ({
  env: [{ name: 'V', valueFrom: { fieldRef: { fieldPath } } }],
});
const resource = (selector: object) => ({
  env: [{ name: 'V', valueFrom: { resourceFieldRef: selector } }],
});
const key = (kind: string, selector: object) => ({
  env: [{ name: 'V', valueFrom: { [`${kind}KeyRef`]: selector } }],
});

describe('resolveEnvironment', () => {
  const resolved: readonly (readonly [string, object, object])[] = [
    ['a value', { env: [{ name: 'V', value: 'v' }] }, { V: 'v' }],
    ['no value', { env: [{ name: 'V' }] }, { V: '' }],
    [
      'references to earlier variables only',
      {
        env: [
          { name: 'A', value: '$(B)' },
          { name: 'B', value: 'b' },
          { name: 'C', value: '$(B)$(KUBERNETES_SERVICE_HOST)' },
        ],
      },
      { A: '$(B)', B: 'b', C: 'b10.96.0.1' },
    ],
    ['a ConfigMap key', key('configMap', { name: 'settings', key: 'color' }), { V: 'red' }],
    ['a Secret key', key('secret', { name: 'keys', key: 'token' }), { V: 'hush' }],
    [
      'an optional key that is missing',
      key('configMap', { name: 'settings', key: 'x', optional: true }),
      {},
    ],
    [
      'an optional object that is missing',
      key('secret', { name: 'x', key: 'x', optional: true }),
      {},
    ],
    [
      'envFrom with a prefix, under env',
      {
        envFrom: [
          { prefix: 'S_', configMapRef: { name: 'settings' } },
          { secretRef: { name: 'keys' } },
          { configMapRef: { name: 'missing', optional: true } },
        ],
        env: [{ name: 'S_size', value: '$(S_color)' }],
      },
      { S_color: 'red', S_size: 'red', token: 'hush' },
    ],
    ['metadata.name', field('metadata.name'), { V: 'web' }],
    ['metadata.uid', field('metadata.uid'), { V: 'u1' }],
    ["metadata.labels['x']", field("metadata.labels['example.com/tier']"), { V: 'front' }],
    ['metadata.labels.x', field('metadata.labels.app'), { V: 'shop' }],
    ['metadata.labels', field('metadata.labels'), { V: 'app="shop"\nexample.com/tier="front"' }],
    ['metadata.annotations', field('metadata.annotations'), { V: 'note="a \\"b\\"\\nc"' }],
    ['spec.serviceAccountName', field('spec.serviceAccountName'), { V: 'robot' }],
    ['spec.nodeName', field('spec.nodeName'), { V: 'n1' }],
    ['status.hostIPs', field('status.hostIPs'), { V: '10.0.0.1,::1' }],
    ['status.podIP', field('status.podIP'), { V: '127.64.0.2' }],
    ['a limit', resource({ resource: 'limits.memory' }), { V: '67108864' }],
    [
      'a limit by its divisor',
      resource({ resource: 'limits.memory', divisor: '1Mi' }),
      { V: '64' },
    ],
    ['CPU, rounded up', resource({ resource: 'limits.cpu' }), { V: '2' }],
    ['CPU in thousandths', resource({ resource: 'limits.cpu', divisor: '1m' }), { V: '1500' }],
    [
      "another container's limit",
      resource({ containerName: 'other', resource: 'limits.memory', divisor: '1Gi' }),
      { V: '1' },
    ],
    [
      'the node for a limit that is not set',
      resource({ containerName: 'other', resource: 'limits.cpu' }),
      { V: '4' },
    ],
    [
      'the limit for a request that is not set',
      resource({ resource: 'requests.memory', divisor: '1Mi' }),
      { V: '64' },
    ],
  ];
  for (const [name, fields, expected] of resolved) {
    it(`resolves ${name}`, async () => assert.deepEqual(await resolve(fields), expected));
  }

  const missing: readonly (readonly [string, object, string])[] = [
    ['a missing ConfigMap', key('configMap', { name: 'x', key: 'k' }), 'configmap "x" not found'],
    [
      'a missing key',
      key('secret', { name: 'keys', key: 'k' }),
      "couldn't find key k in Secret default/keys",
    ],
    ['a missing envFrom', { envFrom: [{ secretRef: { name: 'x' } }] }, 'secret "x" not found'],
    ['an unknown field', field('spec.containers'), 'field label not supported: spec.containers'],
    [
      'an unknown resource',
      resource({ resource: 'limits.luck' }),
      'unsupported container resource : limits.luck',
    ],
    [
      'a NUL byte',
      { env: [{ name: 'V', value: 'a\0b' }] },
      'environment variable "V" must not contain a NUL byte',
    ],
  ];
  for (const [name, fields, message] of missing) {
    it(`refuses ${name}`, async () => {
      await assert.rejects(resolve(fields), { code: 'CreateContainerConfigError', message });
    });
  }

  it('reads variables from a file in a volume', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'krustlet-env-'));
    try {
      await writeFile(path.join(directory, 'app.env'), 'PORT=80\nNAME="a b"\n');
      const reference = { volumeName: 'v', path: 'app.env', key: 'NAME' };
      const volumes = new Map([['v', directory]]);
      assert.deepEqual(await resolve(key('file', reference), { volumes }), { V: 'a b' });
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
