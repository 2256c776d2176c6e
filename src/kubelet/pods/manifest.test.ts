import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseManifest } from './manifest.ts';
import { ManifestError } from './manifest-error.ts';

const pod = (spec: string) => `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
${spec.replaceAll(/^/gm, '  ')}`;

const oneContainer = (fields: string) =>
  pod(`containers:\n- name: app\n  image: example.com/app:v1\n${fields.replaceAll(/^/gm, '  ')}`);

function messageOf(text: string): string {
  try {
    parseManifest(text, 'pod.yaml');
  } catch (error) {
    if (error instanceof ManifestError) return error.message;
    throw error;
  }
  return '';
}

describe('parseManifest', () => {
  it('reads Pod, ConfigMap and Secret documents and skips empty ones', () => {
    const manifest = parseManifest(
      `${oneContainer('')}
---
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a: "1"}}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
data: {token: aGVsbG8=}
stringData: {plain: text}
`,
      'pod.yaml',
    );
    assert.equal(manifest.pods[0]?.spec.containers[0]?.name, 'app');
    assert.deepEqual(manifest.configMaps[0]?.data, { a: '1' });
    assert.equal(manifest.secrets[0]?.data.token?.toString(), 'hello');
    assert.equal(manifest.secrets[0]?.data.plain?.toString(), 'text');
  });

  it('fills in the defaults of the API server', () => {
    const [parsed] = parseManifest(
      oneContainer('ports: [{containerPort: 80}]\nlivenessProbe: {httpGet: {port: 80}}'),
      'pod.yaml',
    ).pods;
    assert.ok(parsed);
    assert.equal(parsed.metadata.namespace, 'default');
    assert.equal(parsed.spec.restartPolicy, 'Always');
    assert.equal(parsed.spec.terminationGracePeriodSeconds, 30);
    assert.equal(parsed.spec.enableServiceLinks, true);
    const [app] = parsed.spec.containers;
    assert.equal(app?.ports[0]?.protocol, 'TCP');
    assert.equal(app?.terminationMessagePath, '/dev/termination-log');
    assert.deepEqual(
      [app?.livenessProbe?.periodSeconds, app?.livenessProbe?.failureThreshold],
      [10, 3],
    );
    assert.equal(app?.livenessProbe?.httpGet?.path, '/');
  });

  it('takes null for absent', () => {
    const [parsed] = parseManifest(oneContainer('env:\nresources:'), 'pod.yaml').pods;
    assert.deepEqual(parsed?.spec.containers[0]?.env, []);
  });

  const wrong: readonly (readonly [string, string, string])[] = [
    [
      'an unknown field',
      oneContainer('imag: x'),
      `Pod "web": spec.containers[0].imag: unknown field, did you mean 'image'?`,
    ],
    [
      'an unknown field that is like no other',
      oneContainer('zzzzzz: x'),
      'Pod "web": spec.containers[0].zzzzzz: unknown field',
    ],
    [
      'a number where a string belongs',
      oneContainer('env: [{name: A, value: 5}]'),
      'Pod "web": spec.containers[0].env[0].value: must be a string, but is the number 5: write "5" in quotes',
    ],
    [
      'a word that is not one of the allowed',
      pod('restartPolicy: Sometimes\ncontainers: [{name: a, image: b}]'),
      'Pod "web": spec.restartPolicy: must be one of "Always", "OnFailure", "Never", but is "Sometimes"',
    ],
    [
      'a list where a mapping belongs',
      oneContainer('resources: []'),
      'Pod "web": spec.containers[0].resources: must be a mapping, but is a list',
    ],
    [
      'a port out of range',
      oneContainer('ports: [{containerPort: 70000}]'),
      'Pod "web": spec.containers[0].ports[0].containerPort: must be between 1 and 65535, but is 70000',
    ],
    ['a missing field', pod('restartPolicy: Never'), 'Pod "web": spec.containers: is required'],
    [
      'an empty list of containers',
      pod('containers: []'),
      'Pod "web": spec.containers: must name at least one container',
    ],
    [
      'a quantity that is none',
      oneContainer('resources: {limits: {memory: lots}}'),
      'Pod "web": spec.containers[0].resources.limits.memory: must be a quantity such as "64Mi" or "500m"',
    ],
    [
      'two containers of one name',
      pod('containers: [{name: a, image: b}, {name: a, image: c}]'),
      'Pod "web": spec.containers[1].name: "a" is used twice: give each one its own name',
    ],
    [
      'an init container that shares a name with a container',
      pod('initContainers: [{name: a, image: b}]\ncontainers: [{name: a, image: c}]'),
      'Pod "web": spec.containers[0].name: "a" is used twice: give each one its own name',
    ],
    [
      'a mount without its volume',
      `${oneContainer('volumeMounts: [{name: dta, mountPath: /data}]')}\n  volumes: [{name: data}]`,
      'Pod "web": spec.containers[0].volumeMounts[0].name: no volume is named "dta", did you mean "data"?',
    ],
    [
      'a bad name',
      oneContainer('').replace('name: app', 'name: My_App'),
      `Pod "web": spec.containers[0].name: "My_App" is not a name: use at most 63 lower-case letters, digits and '-', starting and ending with a letter or digit`,
    ],
    [
      'a path that leaves its volume',
      `${oneContainer('')}\n  volumes: [{name: v, configMap: {name: c, items: [{key: k, path: ../x}]}}]`,
      `Pod "web": spec.volumes[0].configMap.items[0].path: "../x" must not contain '..'`,
    ],
    [
      'a probe with two handlers',
      oneContainer('livenessProbe: {httpGet: {port: 1}, tcpSocket: {port: 1}}'),
      'Pod "web": spec.containers[0].livenessProbe: must name one handler, but names httpGet and tcpSocket',
    ],
    [
      'a secret that is not base64',
      '{apiVersion: v1, kind: Secret, metadata: {name: web}, data: {a: "not base64!"}}',
      'Secret "web": data.a: must be base64; for plain text use "stringData"',
    ],
    [
      'a kind that needs a cluster',
      '{apiVersion: apps/v1, kind: Deployment}',
      'pod.yaml: kind: "Deployment" cannot run without a cluster: use Pod, ConfigMap or Secret',
    ],
    [
      'YAML that is not an object',
      'just text',
      'pod.yaml: is not a Kubernetes object: start it with "apiVersion: v1" and "kind: Pod"',
    ],
    [
      'text that is not YAML',
      'a: [1, 2',
      'pod.yaml: is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 9',
    ],
  ];
  for (const [name, text, message] of wrong) {
    it(`refuses ${name}`, () => assert.equal(messageOf(text), message));
  }

  it('names everything that is wrong, one line each', () => {
    const lines = messageOf(oneContainer('imag: x\ntty: 1')).split('\n');
    assert.equal(lines.length, 2);
  });
});
