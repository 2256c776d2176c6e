import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import { terminationMessage } from './termination-message.ts';

const time = '2026-11-28T21:00:00.000000000Z';
const entry = (text: string, tag = 'F') => `${time} stdout ${tag} ${text}\n`;

describe('terminationMessage', () => {
  let directory: string;
  let log: string;

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'krustlet-last-words-'));
    log = path.join(directory, '0.log');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  async function message(
    terminationMessagePolicy = 'FallbackToLogsOnError',
    exitCode = 1,
  ): Promise<string | undefined> {
    const containers = [{ name: 'c', image: 'i', terminationMessagePolicy }];
    const [container] = parsePod({ metadata: { name: 'p' }, spec: { containers } }).spec.containers;
    if (container === undefined) throw new Error('no container');
    const config = { mounts: [], log: { path: log, maxBytes: 1e6, maxFiles: 2 } };
    const exit = { exitCode, message: 'as the provider says' };
    return await terminationMessage(container, config, exit);
  }

  it('is the end of the log of a container that failed and left no other', async () => {
    writeFileSync(log, entry('one') + entry('t', 'P') + entry('wo'));
    assert.equal(await message(), 'one\ntwo\n');
    assert.equal(await message('FallbackToLogsOnError', 0), 'as the provider says');
    assert.equal(await message('File'), 'as the provider says');
  });

  it('has up to 80 lines of the log, and up to 2048 bytes', async () => {
    writeFileSync(log, entry('x').repeat(100));
    assert.equal(await message(), 'x\n'.repeat(80));
    writeFileSync(log, entry('y'.repeat(99)).repeat(50));
    assert.equal(await message(), `${'y'.repeat(99)}\n`.repeat(50).slice(-2048));
  });

  it('has as many bytes where each is an entry of its own, over two files', async () => {
    writeFileSync(`${log}.1`, entry('a', 'P').repeat(1024));
    writeFileSync(log, entry('b', 'P').repeat(1024));
    assert.equal(await message(), 'a'.repeat(1024) + 'b'.repeat(1024));
  });

  it('reads no more than the end of a line without end', async () => {
    writeFileSync(log, entry('z'.repeat(16_000), 'P').repeat(2000));
    const before = bytesRead();
    assert.equal(await message(), 'z'.repeat(2048));
    assert.ok(bytesRead() - before < 1 << 20, `read ${bytesRead() - before} bytes`);
  });

  it('does not look for lines where none are', async () => {
    writeFileSync(log, '');
    truncateSync(log, 2 ** 40);
    appendFileSync(log, `\n${entry('one')}`);
    assert.equal(await message(), 'one\n');
  });
});

/** So far, by this process. */
function bytesRead(): number {
  return Number(readFileSync('/proc/self/io', 'utf8').match(/^rchar: (\d+)$/m)?.[1]);
}
