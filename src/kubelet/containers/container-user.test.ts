import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import type { ContainerUser } from '../provider.ts';
import { ConfigError } from './config-error.ts';
import { containerUser } from './container-user.ts';

const root: ContainerUser = { uid: 0, gid: 0, groups: [5] };
const ordinary: ContainerUser = { uid: 1000, gid: 1000, groups: [5] };

interface Case {
  readonly pod?: object;
  readonly container?: object;
  readonly image?: string;
  readonly node?: ContainerUser;
}

function userOf({ pod = {}, container = {}, image, node = root }: Case): ContainerUser {
  const parsed = parsePod({
    metadata: { name: 'p' },
    spec: {
      securityContext: pod,
      containers: [{ name: 'c', image: 'i', securityContext: container }],
    },
  });
  const [first = assert.fail()] = parsed.spec.containers;
  return containerUser(parsed, first, image === undefined ? {} : { user: image }, node);
}

describe('containerUser', () => {
  const known: readonly (readonly [string, Case, ContainerUser])[] = [
    ['the node where nobody says', {}, root],
    ["the image's user, in the group root", { image: '65532' }, { uid: 65532, gid: 0, groups: [] }],
    ["the image's user and group", { image: '65532:7' }, { uid: 65532, gid: 7, groups: [] }],
    ['root by its name', { image: 'root:root' }, { uid: 0, gid: 0, groups: [] }],
    [
      "the pod's user rather than the image's",
      { pod: { runAsUser: 7 }, image: '65532:8' },
      { uid: 7, gid: 0, groups: [] },
    ],
    [
      "the container's user and group rather than the pod's",
      { pod: { runAsUser: 7, runAsGroup: 8 }, container: { runAsUser: 9 } },
      { uid: 9, gid: 8, groups: [] },
    ],
    [
      "a group beside the image's user",
      { pod: { runAsGroup: 8, fsGroup: 3, supplementalGroups: [4] }, image: '65532' },
      { uid: 65532, gid: 8, groups: [4, 3] },
    ],
    [
      'who the node runs as where the image has the same',
      { image: '1000', node: ordinary },
      ordinary,
    ],
    [
      'another user than root where that is asked for',
      { pod: { runAsNonRoot: true }, image: '65532' },
      { uid: 65532, gid: 0, groups: [] },
    ],
    [
      'a user whose name does not matter',
      { pod: { runAsNonRoot: true, runAsUser: 7 }, image: 'nonroot' },
      { uid: 7, gid: 0, groups: [] },
    ],
  ];
  for (const [name, given, expected] of known) {
    it(`is ${name}`, () => assert.deepEqual(userOf(given), expected));
  }

  const nonRoot = { runAsNonRoot: true };
  const refused: readonly (readonly [string, Case, RegExp])[] = [
    ['root by the node', { pod: nonRoot }, /image will run as root: set runAsUser/],
    ['root by the image', { pod: nonRoot, image: '0' }, /image will run as root/],
    [
      'root by the pod',
      { pod: { runAsUser: 0 }, container: nonRoot },
      /runAsUser breaks non-root policy/,
    ],
    [
      'a name that may be root',
      { pod: nonRoot, image: 'nonroot' },
      /non-numeric user \(nonroot\), cannot verify user is non-root/,
    ],
    ['a name that nobody knows', { image: 'app' }, /user "app", whose number nobody knows/],
    ['a number that is none', { image: '4294967295' }, /whose number nobody knows/],
    [
      'another than the node can be',
      { image: '65532', node: ordinary },
      /does not run as root and can start containers only as 1000: .* set runAsUser: 1000/,
    ],
  ];
  for (const [name, given, message] of refused) {
    it(`is refused as ${name}`, () => {
      assert.throws(
        () => userOf(given),
        (error) => error instanceof ConfigError && message.test(error.message),
      );
    });
  }
});
