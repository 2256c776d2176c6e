import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateModule } from './validate-module.ts';

const header = Buffer.from('\0asm\x01\0\0\0', 'latin1');

describe('validateModule', () => {
  const exportOf = (name: string) =>
    Buffer.concat([
      header,
      // One function type, one function, its export and its empty body.
      Buffer.from([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, name.length + 4, 1, name.length]),
      Buffer.from(name),
      Buffer.from([0, 0, 10, 4, 1, 2, 0, 0x0b]),
    ]);
  const cases: readonly (readonly [
    what: string,
    content: Uint8Array<ArrayBuffer>,
    said: RegExp,
  ])[] = [
    ['a module without _start', header, /no function '_start'/],
    ['a reactor', exportOf('_initialize'), /a library \(a reactor\)/],
    ['a truncated module', exportOf('_start').subarray(0, -3), /truncated: /],
    [
      'an unknown instruction',
      Buffer.concat([
        exportOf('_start').subarray(0, -6),
        Buffer.from([10, 5, 1, 3, 0, 0xf7, 0x0b]),
      ]),
      /proposal that V8 does not support: .*opcode/,
    ],
    [
      'of a page size of its own',
      Buffer.concat([header, Buffer.from([5, 4, 1, 8, 100, 0])]),
      /proposal that V8 does not support: .*memory/,
    ],
  ];
  for (const [what, content, said] of cases) {
    it(`says that it is ${what}`, () => {
      assert.throws(() => validateModule(content), { message: said });
    });
  }

  it('says of which type an import should be', () => {
    const name = Buffer.from('wasi_snapshot_preview1');
    const mistyped = Buffer.concat([
      header,
      Buffer.from([1, 4, 1, 0x60, 0, 0]),
      // Imports sched_yield by that type, which has no result.
      Buffer.from([2, name.length + 16, 1, name.length]),
      name,
      Buffer.from([11, ...Buffer.from('sched_yield'), 0, 0]),
      Buffer.from([3, 2, 1, 0, 7, 10, 1, 6, ...Buffer.from('_start'), 0, 1]),
      Buffer.from([10, 4, 1, 2, 0, 0x0b]),
    ]);
    assert.throws(() => validateModule(mistyped), {
      message:
        "it imports 'wasi_snapshot_preview1.sched_yield' as () -> (), and its type is () -> i32",
    });
  });

  it('has nothing to say of a module that can be run', () => {
    validateModule(exportOf('_start'));
  });
});
