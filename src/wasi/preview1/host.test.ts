import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NativeSystem } from '../native/native-system.ts';
import { TemporaryDirectory } from '../testing/temporary-directory.ts';
import { wat } from '../testing/wat.ts';
import { MissingImportsError, MountError, NotRunnableError, TrapError } from './errors.ts';
import { Preview1Host } from './host.ts';

const exit = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))';
const raise =
  '(import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))';

function run(module: string): number {
  using host = new Preview1Host({ system: new NativeSystem() });
  return host.run(wat(module));
}

describe('Preview1Host.run', () => {
  const outcomes: readonly [what: string, module: string, code: number][] = [
    ['0 of a guest that returns', '(module (func (export "_start")))', 0],
    ['what proc_exit is given', `(module ${exit} ${start('(call $exit (i32.const 3))')})`, 3],
    ['0 of proc_exit(0)', `(module ${exit} ${start('(call $exit (i32.const 0)) unreachable')})`, 0],
    [
      'an exit code without a sign',
      `(module ${exit} ${start('(call $exit (i32.const -1))')})`,
      0xffff_ffff,
    ],
    ['143 of SIGTERM', `(module ${raise} ${start('(drop (call $raise (i32.const 15)))')})`, 143],
    ['152 of SIGXCPU', `(module ${raise} ${start('(drop (call $raise (i32.const 23)))')})`, 152],
    ['0 of SIGCHLD', `(module ${raise} ${start('(drop (call $raise (i32.const 16)))')})`, 0],
    [
      'the exit code even if the guest catches everything',
      `(module ${exit} (func (export "_start")
        try (call $exit (i32.const 7)) catch_all end
        (call $exit (i32.const 8))))`,
      7,
    ],
  ];
  for (const [what, module, code] of outcomes) {
    it(`returns ${what}`, () => assert.equal(run(module), code));
  }

  const traps: readonly [what: string, module: string, message: RegExp][] = [
    ['unreachable', `(module ${start('unreachable')})`, /^Guest trapped: unreachable$/],
    [
      'an access out of bounds',
      `(module (memory 1) ${start('(drop (i32.load (i32.const -4)))')})`,
      /memory access out of bounds/,
    ],
    ['endless recursion', '(module (func $f (export "_start") (call $f)))', /stack/],
    [
      'an import of a wrong type',
      `(module (import "wasi_snapshot_preview1" "clock_time_get"
        (func $now (param i64 i32 i32) (result i64)))
        ${start('(drop (call $now (i64.const 1) (i32.const 1) (i32.const 0)))')})`,
      /BigInt/,
    ],
  ];
  for (const [what, module, message] of traps) {
    it(`throws a TrapError with the guest's stack for ${what}`, () => {
      assert.throws(
        () => run(module),
        (error) =>
          error instanceof TrapError &&
          message.test(error.message) &&
          error.wasmStack.every((line) => line.includes('wasm://')) &&
          error.wasmStack.length > 0,
      );
    });
  }

  it('throws one for an exception that nothing catches', () => {
    assert.throws(() => run(`(module (tag $t) ${start('(throw $t)')})`), {
      name: 'TrapError',
      message: 'Guest trapped: nothing caught its exception',
    });
  });

  it('names all imports that are missing', () => {
    const module = `(module
      (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "toString" (func))
      (import "wasi_unstable" "sock_accept" (func))
      (import "env" "memory" (memory 1))
      ${start('')})`;
    assert.throws(
      () => run(module),
      (error) => {
        assert.ok(error instanceof MissingImportsError);
        assert.deepEqual(error.missing, [
          'wasi_snapshot_preview1.toString',
          'wasi_unstable.sock_accept',
          'env.memory (memory)',
        ]);
        return true;
      },
    );
  });

  it('refuses what is no command', () => {
    for (const [module, message] of [
      ['(module)', /it does not export '_start'/],
      ['(module (func (export "_initialize")))', /it is a reactor/],
      ['(module (memory (export "_start") 1))', /it does not export '_start'/],
    ] as const) {
      assert.throws(
        () => run(module),
        (error) => error instanceof NotRunnableError && message.test(error.message),
      );
    }
  });

  it('answers fault to a guest without memory', () => {
    const module = `(module ${exit}
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      ${start('(call $exit (call $random (i32.const 0) (i32.const 4)))')})`;
    assert.equal(run(module), 21);
  });
});

describe('Preview1Host.prepare', () => {
  it('throws a MountError for a mount that is not there', () => {
    using directory = new TemporaryDirectory();
    const mounts = [{ hostPath: directory.file('nothing'), guestPath: '/data' }];
    using host = new Preview1Host({ system: new NativeSystem() }, { mounts });
    assert.throws(
      () => host.prepare(),
      (error) =>
        error instanceof MountError && error.code === 'noent' && /'\/data'/.test(error.message),
    );
  });
});

describe('Preview1Host.instantiate', () => {
  it('lets an embedder call a reactor', () => {
    using host = new Preview1Host({ system: new NativeSystem() });
    const { answer } = host.instantiate(
      wat(
        '(module (func (export "_initialize")) (func (export "answer") (result i32) i32.const 42))',
      ),
    ).exports;
    assert.equal(typeof answer === 'function' && answer(), 42);
  });
});

function start(body: string): string {
  return `(func (export "_start") ${body})`;
}
