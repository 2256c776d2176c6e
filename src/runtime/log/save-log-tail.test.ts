import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { logTailParts, logTailSize } from './log-tail.ts';
import { saveLogTail } from './save-log-tail.ts';

const at = new Date('2026-11-23T01:02:03Z');

describe('saveLogTail', () => {
  let directory = '';
  const file = (name: string) => path.join(directory, name);
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'log-tail-'));
    const memory = new ArrayBuffer(logTailSize);
    const { lengths, contents } = logTailParts(memory);
    contents.stderr.write('begun');
    lengths[1] = 5;
    writeFileSync(file('tail'), Buffer.from(memory));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const entry = '2026-11-23T01:02:03.000000000Z stderr F begun\n';

  it('appends the lines that were begun, once', () => {
    writeFileSync(file('log'), 'before\n');
    saveLogTail(file('tail'), file('log'), at);
    saveLogTail(file('tail'), file('log'), at);
    assert.equal(readFileSync(file('log'), 'latin1'), `before\n${entry}`);
  });

  it('appends what each of several threads had begun', () => {
    const memory = new ArrayBuffer(4 * logTailSize);
    for (const index of [0, 1, 3]) {
      const { lengths, contents } = logTailParts(memory, index);
      lengths[0] = contents.stdout.write(`by ${index}`);
    }
    writeFileSync(file('tail'), Buffer.from(memory));
    saveLogTail(file('tail'), file('log'), at);
    const lines = readFileSync(file('log'), 'latin1').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => line.slice(line.indexOf(' ') + 1)),
      ['stdout F by 0', 'stdout F by 1', 'stdout F by 3'],
    );
  });

  it('does not wait at a FIFO in place of the log', () => {
    execFileSync('mkfifo', [file('log')]);
    saveLogTail(file('tail'), file('log'), at);
    assert.equal(existsSync(file('tail')), false);
  });

  it('reads no more of a tail than there can be, however large its writer has made it', () => {
    truncateSync(file('tail'), 2 ** 40);
    saveLogTail(file('tail'), file('log'), at);
    assert.equal(readFileSync(file('log'), 'latin1'), entry);
  });

  it('believes no length that is longer than the tail', () => {
    const bytes = readFileSync(file('tail'));
    bytes.writeUInt32LE(0xffff_ffff, 4);
    writeFileSync(file('tail'), bytes);
    saveLogTail(file('tail'), file('log'), at);
    assert.ok(readFileSync(file('log')).length < 2 * logTailSize);
  });

  it('does not write through a link in place of the log', () => {
    symlinkSync('elsewhere', file('log'));
    saveLogTail(file('tail'), file('log'), at);
    assert.ok(!existsSync(file('elsewhere')));
  });
});
