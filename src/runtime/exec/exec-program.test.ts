import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ContainerSpec } from '../container-spec.ts';
import { RuntimeError } from '../errors.ts';
import { execProgram } from './exec-program.ts';

describe('execProgram', () => {
  const root = mkdtempSync(path.join(tmpdir(), 'exec-program-'));
  const file = (name: string) => path.join(root, name);
  const spec: ContainerSpec = {
    id: 'test',
    engine: 'v8',
    trustDomain: 'test',
    start: 'fork',
    modulePath: '/images/sha256/web.wasm',
    args: ['/app/web', 'serve'],
    env: [],
    workingDir: '/tools',
    mounts: [
      { hostPath: file('tools'), guestPath: '/tools', readOnly: true },
      { hostPath: file('tools'), subPath: 'bin', guestPath: '/sub', readOnly: true },
      { hostPath: file('tools'), subPath: 'bin/tool.wasm', guestPath: '/one', readOnly: true },
      { hostPath: file('single.wasm'), guestPath: '/opt/single.wasm', readOnly: true },
    ],
    listeners: [],
    stdin: 'closed',
    tty: false,
    user: { uid: 0, gid: 0, groups: [] },
    limits: {},
    log: { path: '/log', maxBytes: 1, maxFiles: 1 },
    sandbox: 'required',
    labels: {},
  };

  before(() => {
    mkdirSync(file('tools/bin'), { recursive: true });
    for (const name of ['tools/bin/tool.wasm', 'single.wasm', 'outside.wasm']) {
      writeFileSync(file(name), '');
    }
    symlinkSync('bin/tool.wasm', file('tools/inside'));
    symlinkSync('../outside.wasm', file('tools/outside'));
    symlinkSync('.', file('tools/here'));
  });
  after(() => rmSync(root, { recursive: true }));

  const own = { program: 'module', modulePath: '/images/sha256/web.wasm' };
  const builtin = { program: 'builtin', modulePath: '/images/sha256/web.wasm' };
  const cases: [command: string, expected: object][] = [
    ['/app/web', own],
    ['web', own],
    ['web.wasm', own],
    ['ls', builtin],
    ['/bin/ls', builtin],
    ['/usr/bin/tar', builtin],
    ['bin/tool.wasm', { program: 'mounted', modulePath: file('tools/bin/tool.wasm') }],
    ['/tools/bin/tool.wasm', { program: 'mounted', modulePath: file('tools/bin/tool.wasm') }],
    ['./inside', { program: 'mounted', modulePath: file('tools/bin/tool.wasm') }],
    ['/sub/tool.wasm', { program: 'mounted', modulePath: file('tools/bin/tool.wasm') }],
    ['/one', { program: 'mounted', modulePath: file('tools/bin/tool.wasm') }],
    ['/opt/single.wasm', { program: 'mounted', modulePath: file('single.wasm') }],
  ];
  for (const [command, expected] of cases) {
    it(`finds '${command}'`, () => {
      assert.deepEqual(execProgram(spec, [command, 'argument']), expected);
    });
  }

  for (const command of [
    '',
    'sh',
    '/bin/sh',
    '/tools',
    'outside',
    '../outside.wasm',
    '/etc/passwd',
    `${'here/'.repeat(100)}bin/tool.wasm`,
    'x'.repeat(300),
  ]) {
    it(`refuses '${command.slice(0, 20)}'`, () => {
      assert.throws(
        () => execProgram(spec, [command]),
        (error) => error instanceof RuntimeError && error.code === 'CommandNotFound',
      );
    });
  }
});
