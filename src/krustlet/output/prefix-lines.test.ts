import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogChunk } from '../../kubelet/logs/log-printer.ts';
import { prefixLines } from './prefix-lines.ts';

type Piece = readonly [stream: LogChunk['stream'], text: string];

async function* chunksOf(pieces: readonly Piece[]): AsyncGenerator<LogChunk> {
  for (const [stream, text] of pieces) yield { stream, bytes: Buffer.from(text) };
}

describe('prefixLines', () => {
  const cases: readonly { what: string; input: readonly Piece[]; output: readonly Piece[] }[] = [
    { what: 'nothing', input: [], output: [] },
    { what: 'lines', input: [['stdout', 'a\n\nb\n']], output: [['stdout', '> a\n> \n> b\n']] },
    {
      what: 'a line that comes in pieces once',
      input: [
        ['stdout', 'a'],
        ['stderr', 'x\n'],
        ['stdout', 'b\nc\n'],
      ],
      output: [
        ['stdout', '> a'],
        ['stderr', '> x\n'],
        ['stdout', 'b\n> c\n'],
      ],
    },
    {
      what: 'an unfinished last line, and ends it',
      input: [['stderr', 'a']],
      output: [
        ['stderr', '> a'],
        ['stderr', '\n'],
      ],
    },
  ];
  for (const { what, input, output } of cases) {
    it(`marks ${what}`, async () => {
      const pieces: Piece[] = [];
      for await (const { stream, bytes } of prefixLines(chunksOf(input), '> ')) {
        pieces.push([stream, Buffer.from(bytes).toString()]);
      }
      assert.deepEqual(pieces, output);
    });
  }
});
