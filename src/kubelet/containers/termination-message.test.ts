import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
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

const user = { uid: 2000, gid: 2000, groups: [3000] };
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
    const config = { mounts: [], user, log: { path: log, maxBytes: 1e6, maxFiles: 2 } };
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

  // The owner, group and mode of a file and of its directory, and whether the user may read it.
  const places: readonly (readonly [string, string, boolean])[] = [
    ['1000 1000 644', '1000 1000 755', true],
    ['1000 1000 600', '1000 1000 755', false],
    ['1000 1000 644', '1000 1000 700', false],
    ['2000 1000 600', '1000 1000 755', true],
    ['2000 1000 044', '1000 1000 755', false],
    ['1000 2000 640', '1000 1000 755', true],
    ['1000 3000 640', '1000 3000 710', true],
    ['1000 3000 604', '1000 3000 755', false],
  ];
  const skip = process.getuid?.() !== 0 && 'only root can give files away';
  for (const [file, folder, isReadable] of places) {
    const name = `shows ${isReadable ? 'a' : 'no'} file ${file} in a directory ${folder}`;
    it(`${name} of a volume`, { skip }, async () => {
      const volume = path.join(directory, 'volume');
      mkdirSync(path.join(volume, 'folder'), { recursive: true });
      chmodSync(volume, 0o755);
      writeFileSync(path.join(volume, 'folder', 'file'), 'text');
      for (const [place, owner] of [
        ['folder/file', file],
        ['folder', folder],
      ] as const) {
        const [uid = '', gid = '', mode = ''] = owner.split(' ');
        chownSync(path.join(volume, place), Number(uid), Number(gid));
        chmodSync(path.join(volume, place), Number.parseInt(mode, 8));
      }
      const terminationMessagePath = '/data/folder/file';
      const containers = [{ name: 'c', image: 'i', terminationMessagePath }];
      const [container] = parsePod({ metadata: { name: 'p' }, spec: { containers } }).spec
        .containers;
      if (container === undefined) throw new Error('no container');
      const mounts = [{ hostPath: volume, containerPath: '/data', readOnly: true }];
      const config = { mounts, user, log: { path: log, maxBytes: 1e6, maxFiles: 2 } };
      const shown = await terminationMessage(container, config, { exitCode: 0 });
      assert.equal(shown, isReadable ? 'text' : undefined);
    });
  }
});

/** So far, by this process. */
function bytesRead(): number {
  return Number(readFileSync('/proc/self/io', 'utf8').match(/^rchar: (\d+)$/m)?.[1]);
}
