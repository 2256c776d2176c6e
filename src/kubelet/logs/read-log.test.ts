import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { LogOnDisk } from './log-files.ts';
import type { LogChunk } from './log-printer.ts';
import type { LogQuery } from './log-query.ts';
import { readLog } from './read-log.ts';

let directory: string;
let log: string;
let files: LogOnDisk;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'krustlet-logs-'));
  log = path.join(directory, '0.log');
  files = { path: log, maxFiles: 11 };
});
afterEach(() => rmSync(directory, { recursive: true }));

const time = (second: number) => `2026-11-23T01:02:${String(second).padStart(2, '0')}.000000001Z`;
const out = (second: number, text: string, tag = 'F') => `${time(second)} stdout ${tag} ${text}\n`;
const err = (second: number, text: string, tag = 'F') => `${time(second)} stderr ${tag} ${text}\n`;

const openDescriptors = () => readdirSync('/proc/self/fd').length;

async function read(query: LogQuery = {}): Promise<string> {
  let text = '';
  for await (const { bytes } of readLog(files, query)) text += Buffer.from(bytes).toString();
  return text;
}

async function chunksOf(log: AsyncIterable<LogChunk>): Promise<LogChunk[]> {
  const chunks: LogChunk[] = [];
  for await (const chunk of log) chunks.push(chunk);
  return chunks;
}

describe('readLog', () => {
  const mixed = [
    out(1, 'one'),
    err(2, 'two'),
    out(3, 'th', 'P'),
    out(4, 'ree'),
    out(5, ''),
    err(6, 'six'),
    out(7, 'prompt> ', 'P'),
  ].join('');

  const cases: readonly (readonly [string, LogQuery, string])[] = [
    ['everything, partial entries joined', {}, 'one\ntwo\nthree\n\nsix\nprompt> '],
    ['one stream', { stream: 'Stderr' }, 'two\nsix\n'],
    ['the other stream', { stream: 'Stdout' }, 'one\nthree\n\nprompt> '],
    ['no lines', { tailLines: 0 }, ''],
    ['an unfinished line as the last one', { tailLines: 1 }, 'prompt> '],
    ['the last lines', { tailLines: 2 }, 'six\nprompt> '],
    ['a line in two entries as one', { tailLines: 4 }, 'three\n\nsix\nprompt> '],
    ['all lines where fewer are there', { tailLines: 99 }, 'one\ntwo\nthree\n\nsix\nprompt> '],
    ['the last lines of one stream', { tailLines: 1, stream: 'Stderr' }, 'six\n'],
    ['what is newer', { sinceTime: new Date('2026-11-23T01:02:05Z') }, '\nsix\nprompt> '],
    ['no more bytes than asked for', { limitBytes: 6 }, 'one\ntw'],
    ['no bytes', { limitBytes: 0 }, ''],
    [
      'a time per line, not per entry',
      { timestamps: true, tailLines: 4 },
      `${time(3)} three\n${time(5)} \n${time(6)} six\n${time(7)} prompt> `,
    ],
  ];
  for (const [what, query, expected] of cases) {
    it(`gives ${what}`, async () => {
      writeFileSync(log, mixed);
      assert.equal(await read(query), expected);
    });
  }

  it('says which stream bytes belong to', async () => {
    writeFileSync(log, mixed);
    const chunks = await chunksOf(readLog(files));
    assert.deepEqual(
      chunks.map(({ stream, bytes }) => [stream, Buffer.from(bytes).toString()]),
      [
        ['stdout', 'one\n'],
        ['stderr', 'two\n'],
        ['stdout', 'three\n\n'],
        ['stderr', 'six\n'],
        ['stdout', 'prompt> '],
      ],
    );
  });

  it('keeps bytes that are no text', async () => {
    const bytes = Buffer.from([0, 0xff, 0xfe, 0x80, 0x0d]);
    writeFileSync(
      log,
      Buffer.concat([Buffer.from(`${time(1)} stdout F `), bytes, Buffer.from('\n')]),
    );
    const [chunk] = await chunksOf(readLog(files));
    assert.deepEqual(Buffer.from(chunk?.bytes ?? []), Buffer.concat([bytes, Buffer.from('\n')]));
  });

  it('leaves out what is no entry, and the torn end that a killed writer left', async () => {
    writeFileSync(log, `rubbish\n${out(1, 'one')}${time(2)} stdnil F x\n${time(3)} stdout F tor`);
    assert.equal(await read(), 'one\n');
    assert.equal(await read({ tailLines: 5 }), 'one\n');
  });

  it('reads rotated files in order', async () => {
    for (const [name, text] of [
      ['0.log.10', 'a'],
      ['0.log.9', 'b'],
      ['0.log.1', 'c'],
      ['0.log', 'd'],
      ['1.log', 'x'],
      ['0.log.tmp', 'y'],
    ]) {
      writeFileSync(path.join(directory, `${name}`), out(1, `${text}`));
    }
    assert.equal(await read(), 'a\nb\nc\nd\n');
    assert.equal(await read({ tailLines: 2 }), 'c\nd\n');
  });

  it('reads a file with two names once', async () => {
    writeFileSync(log, out(1, 'one'));
    linkSync(log, `${log}.1`);
    assert.equal(await read(), 'one\n');
  });

  it('opens no more files than a log has', async () => {
    writeFileSync(log, out(1, 'one'));
    for (let number = 11; number < 1000; number += 1) writeFileSync(`${log}.${number}`, 'more\n');
    const before = openDescriptors();
    for await (const _ of readLog(files)) assert.ok(openDescriptors() <= before + 11);
  });

  it('finds what is left of a log that had more files', async () => {
    writeFileSync(log, out(2, 'two'));
    writeFileSync(`${log}.4`, out(1, 'one'));
    files = { path: log, maxFiles: 2 };
    assert.equal(await read(), 'one\ntwo\n');
  });

  for (const [what, put] of [
    ['a link', (file: string) => symlinkSync('/etc/hostname', file)],
    ['a FIFO', (file: string) => execFileSync('mkfifo', [file])],
    ['a directory', (file: string) => mkdirSync(file)],
  ] as const) {
    it(`reads nothing, and keeps nothing open, where there is ${what}`, async () => {
      writeFileSync(log, out(1, 'one'));
      put(`${log}.1`);
      const before = openDescriptors();
      await assert.rejects(read(), /ELOOP|not a file/);
      assert.equal(openDescriptors(), before);
    });
  }

  it('is empty where there is no log', async () => {
    assert.equal(await read(), '');
  });

  it('joins lines over its own block borders', async () => {
    const lines = Array.from(
      { length: 40_000 },
      (_, index) => `line ${index} ${'x'.repeat(index % 40)}`,
    );
    writeFileSync(log, lines.map((line, index) => out(index % 60, line)).join(''));
    assert.equal(await read(), lines.map((line) => `${line}\n`).join(''));
    assert.equal(
      await read({ tailLines: 5000 }),
      lines
        .slice(-5000)
        .map((line) => `${line}\n`)
        .join(''),
    );
  });

  it('reads only the end of a huge log for its last lines', async () => {
    writeFileSync(log, '');
    truncateSync(log, 1 << 30);
    appendFileSync(log, `\n${out(1, 'one')}${out(2, 'two')}${out(3, 'three')}`);
    const before = process.memoryUsage().arrayBuffers;
    assert.equal(await read({ tailLines: 2 }), 'two\nthree\n');
    assert.ok(process.memoryUsage().arrayBuffers - before < 1 << 24);
  });
});

describe('readLog following', () => {
  /** Follows in the background; what it saw can be waited for. */
  function follow(query: LogQuery = {}) {
    const ended = new AbortController();
    let text = '';
    let seen = Promise.withResolvers<void>();
    const finished = (async () => {
      for await (const { bytes } of readLog(
        files,
        { ...query, follow: true },
        { ended: ended.signal },
      )) {
        text += Buffer.from(bytes).toString();
        seen.resolve();
        seen = Promise.withResolvers();
      }
      return text;
    })();
    const until = async (expected: string) => {
      while (text !== expected) {
        assert.ok(expected.startsWith(text), `saw ${JSON.stringify(text)}`);
        await seen.promise;
      }
    };
    return { until, finished, end: () => ended.abort() };
  }

  it('waits for a log that is not there yet and ends with the container', async () => {
    const follower = follow();
    writeFileSync(log, out(1, 'one'));
    await follower.until('one\n');
    appendFileSync(log, out(2, 'two', 'P'));
    await follower.until('one\ntwo');
    appendFileSync(log, out(3, '!'));
    follower.end();
    assert.equal(await follower.finished, 'one\ntwo!\n');
  });

  it('begins with the tail', async () => {
    writeFileSync(log, out(1, 'one') + out(2, 'two'));
    const follower = follow({ tailLines: 1 });
    await follower.until('two\n');
    appendFileSync(log, out(3, 'three'));
    await follower.until('two\nthree\n');
    follower.end();
    await follower.finished;
  });

  it('sees every line over rotations, also several at once', async () => {
    writeFileSync(log, out(1, 'one'));
    const follower = follow();
    await follower.until('one\n');
    appendFileSync(log, out(2, 'two'));
    renameSync(log, `${log}.1`);
    writeFileSync(log, out(3, 'three'));
    renameSync(`${log}.1`, `${log}.2`);
    renameSync(log, `${log}.1`);
    writeFileSync(log, out(4, 'four'));
    await follower.until('one\ntwo\nthree\nfour\n');
    appendFileSync(log, out(5, 'five'));
    await follower.until('one\ntwo\nthree\nfour\nfive\n');
    follower.end();
    await follower.finished;
  });

  it('reads the rest of a removed log and ends', async () => {
    writeFileSync(log, out(1, 'one'));
    const follower = follow();
    await follower.until('one\n');
    appendFileSync(log, out(2, 'two'));
    rmSync(log);
    assert.equal(await follower.finished, 'one\ntwo\n');
  });

  it('ends at once where the container has ended already', async () => {
    writeFileSync(log, out(1, 'one'));
    const follower = follow();
    follower.end();
    assert.equal(await follower.finished, 'one\n');
  });

  it('ends when its signal is aborted while it waits', async () => {
    writeFileSync(log, out(1, 'one'));
    const controller = new AbortController();
    const chunks = [];
    for await (const chunk of readLog(files, { follow: true }, { signal: controller.signal })) {
      chunks.push(chunk);
      setImmediate(() => controller.abort());
    }
    assert.equal(chunks.length, 1);
  });

  it('reads no further than its consumer', async () => {
    const line = out(1, 'x'.repeat(1000));
    writeFileSync(log, line.repeat(4000));
    const iterator = readLog(files);
    await iterator.next();
    const handle = await open(log, 'r+');
    await handle.truncate(0);
    await handle.close();
    let bytes = 0;
    for await (const chunk of iterator) bytes += chunk.bytes.length;
    assert.ok(bytes < 1_000_000, `read ${bytes} bytes ahead`);
  });
});
