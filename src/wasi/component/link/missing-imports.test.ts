import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture } from '../testing/fixtures.ts';
import { MissingImports } from './missing-imports.ts';

/** A component that imports other interfaces than it was built with, by names as long. */
function importing(
  name: 'command' | 'async-command' | 'http-hello',
  others: Readonly<Record<string, string>>,
): Buffer {
  const bytes = componentFixture(name);
  for (const [own, other] of Object.entries(others)) {
    assert.ok(own.length === other.length && bytes.includes(own), own);
    for (let at = bytes.indexOf(own); at >= 0; at = bytes.indexOf(own, at + 1)) {
      bytes.write(other, at, 'latin1');
    }
  }
  return bytes;
}

describe('MissingImports', () => {
  for (const [name, others, imports] of [
    [
      'http-hello',
      { 'wasi:cli/environment@': 'acme:own/environment@' },
      ['acme:own/environment#get-environment'],
    ],
    [
      'command',
      { 'wasi:cli/exit@': 'wasi:cli/quit@', 'wasi:clocks/wall-clock@': 'wasi:clocks/wild-clock@' },
      ['wasi:cli/quit#exit', 'wasi:clocks/wild-clock#now'],
    ],
    [
      'async-command',
      { 'wasi:clocks/monotonic-clock@0.3': 'wasi:clocks/monotonic-clock@0.9' },
      ['wasi:clocks/monotonic-clock@0.9#now', 'wasi:clocks/monotonic-clock@0.9#wait-for'],
    ],
  ] as const) {
    it(`names all that ${name} wants and nobody provides`, () => {
      const prepared = prepareComponent(importing(name, others));
      assert.throws(
        () => loadProgram(prepared),
        (error) => {
          assert.ok(error instanceof MissingImports);
          assert.deepEqual(error.imports, imports);
          for (const each of imports) assert.ok(error.message.includes(`'${each}'`));
          return true;
        },
      );
    });
  }
});
