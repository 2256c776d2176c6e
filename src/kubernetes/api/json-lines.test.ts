import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineTooLongError, readJsonLines } from './json-lines.ts';

async function* bytes(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk, 'latin1');
}

async function collect(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}

describe('readJsonLines', () => {
  const cases: readonly [string, readonly string[], readonly unknown[]][] = [
    ['several lines in one chunk', ['1\n"b"\n{"c":3}\n'], [1, 'b', { c: 3 }]],
    ['a line over several chunks', ['{"a"', ':', '1}', '\n2\n'], [{ a: 1 }, 2]],
    ['a character cut in two', ['"\xc3', '\xa4"\n'], ['ä']],
    ['empty lines and line ends of two bytes', ['\n1\r\n\n2\n'], [1, 2]],
    ['a last line that was cut off', ['1\n{"a":'], [1]],
  ];
  for (const [name, chunks, expected] of cases) {
    it(`reads ${name}`, async () => {
      assert.deepEqual(await collect(readJsonLines(bytes(...chunks), 100)), expected);
    });
  }

  it('takes a line of the limit and refuses one that is longer, finished or not', async () => {
    assert.deepEqual(await collect(readJsonLines(bytes('"3456"\n'), 6)), ['3456']);
    for (const chunks of [['"34567"\n'], ['"345', '678'], ['1\n"345678']]) {
      await assert.rejects(collect(readJsonLines(bytes(...chunks), 6)), LineTooLongError);
    }
  });

  it('refuses what is not JSON', async () => {
    await assert.rejects(collect(readJsonLines(bytes('<html>\n'), 100)), SyntaxError);
  });
});
