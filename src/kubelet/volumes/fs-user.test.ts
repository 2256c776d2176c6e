import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import { fileOwnerOf, fsUserOf, readableForGroup } from './fs-user.ts';

const podOf = (securityContext: object, own: object, other = own, init = own) => {
  const image = 'i';
  return parsePod({
    metadata: { name: 'p' },
    spec: {
      securityContext,
      initContainers: [{ name: 'a', image, securityContext: init }],
      containers: [
        { name: 'b', image, securityContext: own },
        { name: 'c', image, securityContext: other },
      ],
    },
  });
};

describe('fsUserOf', () => {
  // The table of FsUserFrom in k8s.io/kubernetes pkg/volume/util.
  const cases: readonly (readonly [string, number | undefined, ...Parameters<typeof podOf>])[] = [
    ['nobody says', undefined, {}, {}],
    ['the pod says', 1, { runAsUser: 1 }, {}],
    ['the pod says root', 0, { runAsUser: 0 }, {}],
    ['all containers say', 2, {}, { runAsUser: 2 }],
    ['all containers say otherwise than the pod', 2, { runAsUser: 1 }, { runAsUser: 2 }],
    ['one container does not say', undefined, {}, { runAsUser: 2 }, {}],
    ['an init container does not say', undefined, {}, { runAsUser: 2 }, { runAsUser: 2 }, {}],
    ['containers differ', undefined, {}, { runAsUser: 2 }, { runAsUser: 3 }],
    ['a container differs from the pod', undefined, { runAsUser: 1 }, {}, { runAsUser: 3 }],
  ];
  for (const [name, user, ...pod] of cases) {
    it(`is ${user} where ${name}`, () => assert.equal(fsUserOf(podOf(...pod)), user));
  }
});

describe('fileOwnerOf', () => {
  it('is the user of all containers and the group of the pod, each where it is said', () => {
    const owner = { uid: 1, gid: 2 };
    assert.deepEqual(fileOwnerOf(podOf({ runAsUser: 1, fsGroup: 2 }, {})), owner);
    assert.deepEqual(fileOwnerOf(podOf({ fsGroup: 2 }, { runAsUser: 1 })), owner);
    assert.deepEqual(fileOwnerOf(podOf({ fsGroup: 2 }, {})), { gid: 2 });
    assert.deepEqual(fileOwnerOf(podOf({}, { runAsUser: 1 })), { uid: 1 });
    assert.deepEqual(fileOwnerOf(podOf({}, {})), {});
  });
});

describe('readableForGroup', () => {
  it('lets the group read where there is one', () => {
    const bytes = Buffer.from('text');
    const files = new Map([['a', { bytes, mode: 0o400 }]]);
    assert.deepEqual(readableForGroup(files, podOf({}, {})), files);
    const readable = new Map([['a', { bytes, mode: 0o440 }]]);
    assert.deepEqual(readableForGroup(files, podOf({ fsGroup: 2 }, {})), readable);
  });
});
