import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wasmtimeArguments } from './wasmtime-arguments.ts';

describe('wasmtimeArguments', () => {
  const spec = { args: ['app', '--flag', '-x'], env: [], limits: {}, workingDir: '/' };

  it('keeps the arguments of the guest behind the module', () => {
    const args = wasmtimeArguments(spec, { module: 101, mounts: [] });
    assert.deepEqual(args.slice(args.indexOf('--')), ['--', '/proc/self/fd/101', '--flag', '-x']);
    assert.ok(args.includes('--argv0=app'));
  });

  it('names folders by descriptor, and variables with what they hold', () => {
    const env = [{ name: 'A', value: 'b=c d' }];
    const mounts = [{ fd: 102, guestPath: '/data' }];
    const args = wasmtimeArguments({ ...spec, env, workingDir: '/data' }, { module: 101, mounts });
    assert.ok(args.includes('--dir=/proc/self/fd/102::/data'));
    assert.deepEqual(
      args.filter((arg) => arg.startsWith('--env=')),
      ['--env=A=b=c d', '--env=PWD=/data'],
    );
  });

  it('limits memory to whole pages', () => {
    const limited = { ...spec, limits: { memoryBytes: 65_536 * 3 + 1 } };
    const args = wasmtimeArguments(limited, { module: 101, mounts: [] });
    assert.ok(args.includes('-Wmax-memory-size=196608'));
  });
});
