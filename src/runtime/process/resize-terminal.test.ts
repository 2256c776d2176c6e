import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { watchOpenings } from '../../wasi/libc/file-openings.ts';
import { makeFifo } from '../../wasi/libc/pipe.ts';
import { isReadable } from '../../wasi/libc/wait-for-input.ts';
import { startTimeOf } from './process-identity.ts';
import { resizeTerminal } from './resize-terminal.ts';

describe('resizeTerminal', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'krustlet-resize-'));
  after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'file');
  const fifo = path.join(folder, 'fifo');
  writeFileSync(file, '');
  makeFifo(fifo, 0o600);

  for (const [what, standardInput] of [
    ['a file', file],
    ['a FIFO', fifo],
    ['another device', '/dev/null'],
  ] as const) {
    it(`opens nothing that is no terminal: ${what}`, async () => {
      const fd = openSync(standardInput, 'r+');
      const process = spawn('sleep', ['60'], { stdio: [fd, 'ignore', 'ignore'] });
      await once(process, 'spawn');
      const openings = watchOpenings(standardInput);
      try {
        const { pid = 0 } = process;
        resizeTerminal({ pid, startTime: startTimeOf(pid) ?? '' }, { width: 80, height: 24 });
        assert.equal(isReadable(openings, 0), false);
      } finally {
        process.kill();
        for (const open of [fd, openings]) closeSync(open);
      }
    });
  }
});
