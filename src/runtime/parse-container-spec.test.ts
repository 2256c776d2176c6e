import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerSpec } from './container-spec.ts';
import { ContainerSpecError, parseContainerSpec } from './parse-container-spec.ts';

const spec: ContainerSpec = {
  id: 'web-0_1.a',
  engine: 'v8',
  trustDomain: 'default',
  start: 'fork',
  modulePath: '/images/web.wasm',
  args: ['web', '--port', '80', ''],
  env: [{ name: 'EMPTY', value: '' }],
  workingDir: '/',
  mounts: [{ hostPath: '/srv', guestPath: '/data', readOnly: true }],
  listeners: [
    { name: 'http', address: '127.64.0.1', port: 80 },
    { name: '', address: '::1', port: 0 },
  ],
  stdin: 'once',
  tty: true,
  user: { uid: 65534, gid: 0, groups: [1, 2] },
  limits: { memoryBytes: 67_108_864, cpuMillis: 500, pids: 16 },
  log: { path: '/var/log/pods/a/0.log', maxBytes: 1, maxFiles: 5 },
  sandbox: 'best-effort',
  exec: { program: 'builtin', stdio: { kind: 'terminal', path: '/dev/pts/0' } },
  labels: { 'io.kubernetes.pod.name': 'web' },
};

describe('parseContainerSpec', () => {
  it('accepts every field and changes none', () => {
    assert.deepEqual(parseContainerSpec(structuredClone(spec)), spec);
  });

  it('accepts what was written as JSON', () => {
    const { exec: _, ...container } = spec;
    const empty = { ...container, limits: {}, mounts: [], labels: {} };
    assert.deepEqual(parseContainerSpec(JSON.parse(JSON.stringify(empty))), empty);
  });

  const refused: { what: string; change: object; names: RegExp }[] = [
    { what: 'an unknown field', change: { memory: 1 }, names: /'memory'/ },
    { what: 'an unknown nested field', change: { limits: { cpu: 1 } }, names: /'limits\.cpu'/ },
    { what: 'an id that leads elsewhere', change: { id: '../x' }, names: /'id'/ },
    { what: 'an id that starts with a dot', change: { id: '.removed' }, names: /'id'/ },
    { what: 'an engine that is none', change: { engine: 'v9' }, names: /'engine'.*v9/ },
    { what: 'a relative module', change: { modulePath: 'web.wasm' }, names: /'modulePath'.*abs/ },
    { what: 'a NUL in an argument', change: { args: ['a', 'b\0'] }, names: /'args\.1'.*NUL/ },
    {
      what: 'a variable without a name',
      change: { env: [{ name: '', value: '' }] },
      names: /'env\.0\.name'/,
    },
    {
      what: 'a variable whose name contains =',
      change: { env: [{ name: 'a=b', value: '' }] },
      names: /'env\.0\.name'/,
    },
    {
      what: 'a port that is none',
      change: { listeners: [{ name: '', address: '127.0.0.1', port: 65_536 }] },
      names: /'listeners\.0\.port'/,
    },
    {
      what: 'an address that is none',
      change: { listeners: [{ name: '', address: 'localhost', port: 1 }] },
      names: /'listeners\.0\.address'/,
    },
    ...['', '/', '../x', 'a/..', 'a\0'].map((subPath) => ({
      what: `a subPath ${JSON.stringify(subPath)}`,
      change: { mounts: [{ hostPath: '/v', subPath, guestPath: '/m', readOnly: true }] },
      names: /'mounts\.0\.subPath'/,
    })),
    { what: 'no memory', change: { limits: { memoryBytes: 0 } }, names: /'limits\.memoryBytes'/ },
    { what: 'half a user', change: { user: { uid: 1 } }, names: /'user\.gid'/ },
    {
      what: 'the user that is none',
      change: { user: { ...spec.user, uid: 2 ** 32 - 1 } },
      names: /'user\.uid'/,
    },
    { what: 'nothing', change: { labels: undefined }, names: /'labels'/ },
  ];
  for (const { what, change, names } of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => parseContainerSpec({ ...spec, ...change }),
        (error) => error instanceof ContainerSpecError && names.test(error.message),
      );
    });
  }

  for (const input of [undefined, null, 'spec', []]) {
    it(`refuses ${JSON.stringify(input)}`, () => {
      assert.throws(() => parseContainerSpec(input), ContainerSpecError);
    });
  }
});
