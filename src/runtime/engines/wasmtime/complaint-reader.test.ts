import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ComplaintReader } from './complaint-reader.ts';

const running = 'Error: failed to run main module `/proc/self/fd/101`\n\nCaused by:\n';

describe('ComplaintReader', () => {
  for (const [what, text, expected] of [
    [
      'a trap',
      `hello\n${running}    0: failed to invoke command default\n    1: error while executing at wasm backtrace:\n    0:     0x33 - <unknown>!inner\n    2: wasm trap: wasm \`unreachable\` instruction executed\n`,
      { exitCode: 134, message: 'Guest trapped: wasm `unreachable` instruction executed' },
    ],
    [
      'an exit code that is not passed on',
      `${running}    0: failed to invoke command default\n    1: exit with invalid exit status outside of [0..126)\n`,
      {
        exitCode: 1,
        message:
          'exit with invalid exit status outside of [0..126): wasmtime passes on no other exit codes',
      },
    ],
    [
      'a missing import',
      `${running}    0: failed to instantiate "/proc/self/fd/101"\n    1: unknown import: \`env::f\` has not been defined\n`,
      {
        exitCode: 125,
        message: 'Cannot run the module: unknown import: `env::f` has not been defined',
        cannotRun: true,
      },
    ],
    [
      'a module that is cut off',
      'Error: failed to parse WebAssembly module\n\nCaused by:\n    unexpected end-of-file (at offset 0xa)\n',
      {
        exitCode: 125,
        message: 'Cannot run the module: unexpected end-of-file (at offset 0xa)',
        cannotRun: true,
      },
    ],
  ] as const) {
    it(`reads ${what}`, () => {
      const reader = new ComplaintReader();
      for (const byte of Buffer.from(text)) reader.write(Uint8Array.of(byte));
      assert.deepEqual(reader.read(), expected);
    });
  }

  it('takes the errors of guests for theirs', () => {
    const reader = new ComplaintReader();
    reader.write(Buffer.from('Error: Custom { kind: NotFound, error: "failed to compile" }\n'));
    assert.equal(reader.read(), undefined);
  });

  it('finds the complaint behind any amount of output', () => {
    const reader = new ComplaintReader();
    for (let round = 0; round < 100; round++) reader.write(Buffer.alloc(4096, 'x'));
    reader.write(Buffer.from(`\n${running}    0: unknown import: \`a::b\`\n`));
    assert.equal(reader.read()?.exitCode, 125);
  });
});
