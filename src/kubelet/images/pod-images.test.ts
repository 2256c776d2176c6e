import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RepositoryName } from '../../oci/credentials/credential.ts';
import { parsePod, parseSecret } from '../pods/parse-pod.ts';
import type { PodEvent } from '../pods/pod-ports.ts';
import { ManifestObjects } from '../standalone/manifest-objects.ts';
import type { ImageRequest, PresentImage } from './image-source.ts';
import { PodImages } from './pod-images.ts';

const present: PresentImage = {
  reference: 'r',
  digest: 'd',
  path: '/m.wasm',
  entrypoint: [],
  cmd: [],
  env: [],
  size: 1,
};

/** Asks for an image as a pod with these pull secrets; answers with what the source was asked. */
async function ask(secrets: Readonly<Record<string, object>>, names: readonly string[]) {
  const objects = new ManifestObjects();
  for (const [name, data] of Object.entries(secrets)) {
    objects.putSecret(parseSecret({ metadata: { name }, stringData: data }));
  }
  const events: PodEvent[] = [];
  const requests: ImageRequest[] = [];
  const images = new PodImages({
    source: {
      async image(_reference, request) {
        requests.push(request);
        request.onPull?.();
        return present;
      },
      directory: async () => '/d',
    },
    objects,
    events: { record: (event) => void events.push(event) },
    now: () => 0,
  });
  const pod = parsePod({
    metadata: { name: 'p' },
    spec: {
      imagePullSecrets: names.map((name) => ({ name })),
      containers: [{ name: 'c', image: 'reg.example/team/app:v1' }],
    },
  });
  const [container] = pod.spec.containers;
  assert.ok(container);
  await images.image(pod, container);
  const [request] = requests;
  const find = async (name: RepositoryName) => request?.credentials.find(name);
  return { events: events.map(({ reason }) => reason), find, request };
}

const auth = Buffer.from('ada:secret').toString('base64');
const app = { registry: 'reg.example', repository: 'team/app' };
const found = [{ kind: 'password', username: 'ada', password: 'secret' }];

describe('PodImages', () => {
  it('uses pull secrets of both types and every form', async () => {
    const secrets: readonly (readonly [string, object])[] = [
      ['.dockerconfigjson', { auths: { 'reg.example': { auth } } }],
      [
        '.dockerconfigjson',
        { auths: { 'reg.example/team': { username: 'ada', password: 'secret' } } },
      ],
      ['.dockercfg', { 'https://reg.example': { auth } }],
    ];
    for (const [key, config] of secrets) {
      const { find } = await ask({ s: { [key]: JSON.stringify(config) } }, ['s']);
      assert.deepEqual(await find(app), found, JSON.stringify(config));
      assert.deepEqual(await find({ registry: 'other.example', repository: 'team/app' }), []);
    }
  });

  it('goes on without a secret that is missing or broken, and tells of it', async () => {
    const { events, find } = await ask({ broken: { '.dockerconfigjson': '{' } }, [
      'none',
      'broken',
    ]);
    assert.deepEqual(events, ['FailedToRetrieveImagePullSecret', 'Pulling', 'Pulled']);
    assert.deepEqual(await find(app), []);
  });

  it('leaves the policy to the image where the container has none', async () => {
    const { request } = await ask({}, []);
    assert.equal(request?.policy, undefined);
  });
});
